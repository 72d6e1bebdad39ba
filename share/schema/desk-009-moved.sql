-- desk.db, step 9: what was split off or put together before the log of a
-- conversation went by marks is found there as well.

INSERT INTO mark (key, time_ms)
  SELECT 'moved:' || m.conversation || ':' || substr(e.subject, length('conversation/') + 1), min(e.time_ms)
    FROM event AS e JOIN message AS m ON m.id = e.data ->> 'message'
   WHERE e.subject GLOB 'conversation/*'
     AND e.subject <> 'conversation/' || m.conversation
     AND NOT EXISTS (SELECT 1 FROM conversation AS c
                      WHERE 'conversation/' || c.id = e.subject AND c.merged_into = m.conversation)
   GROUP BY 1
  ON CONFLICT DO NOTHING;
