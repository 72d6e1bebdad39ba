-- A small desk for tests of what people see: two instances, four customers.
-- The clock of the tests that use it stands at 2026-11-23T12:00:00Z.
CREATE TEMP TABLE t AS SELECT 1795435200000 AS now, 60000 AS min;
INSERT INTO instance (name, kind, phone_number_id, phone, ai, known, created_ms)
 VALUES ('sales', 'cloud', '1001', '+49301001', 1, 1, 0),
        ('help', 'cloud', '1002', '+49301002', 0, 1, 0);
INSERT INTO contact (id, instance, name, created_ms) VALUES
 ('c0000001', 'sales', 'Mara Weiss', 0),
 ('c0000002', 'sales', NULL, 0),
 ('c0000003', 'help', 'Evil' || char(27) || '[31m name', 0),
 ('c0000004', 'sales', 'Old Customer', 0);
INSERT INTO contact_alias (instance, kind, value, contact, since_ms) VALUES
 ('sales', 'phone', '491701111111', 'c0000001', 0),
 ('sales', 'phone', '491702222222', 'c0000002', 0),
 ('help', 'phone', '491703333333', 'c0000003', 0),
 ('sales', 'phone', '491704444444', 'c0000004', 0);
-- aaa11111 waits for 5 min in the queue; aaa22222 is the AI's and answered;
-- bbb33333 waits for 1 min, urgent; ccc44444 is resolved, its window shut.
INSERT INTO conversation (id, instance, contact, number, status, owner,
 owner_rev, assignee, priority, language, opened_ms, reopened_ms, last_in_ms,
 last_out_ms, waiting_ms, handed_ms, resolved_ms)
 SELECT 'aaa11111', 'sales', 'c0000001', 1, 'open', 'queue', 2, NULL,
  'medium', 'de', now - 10 * min, now - 10 * min, now - 5 * min,
  now - 9 * min, now - 5 * min, now - 8 * min, NULL FROM t
 UNION ALL SELECT 'aaa22222', 'sales', 'c0000002', 1, 'open', 'ai', 1, NULL,
  'low', 'en', now - 60 * min, now - 60 * min, now - 60 * min,
  now - 59 * min, NULL, NULL, NULL FROM t
 UNION ALL SELECT 'bbb33333', 'help', 'c0000003', 1, 'open', 'queue', 1, NULL,
  'urgent', NULL, now - 1 * min, now - 1 * min, now - 1 * min,
  NULL, now - 1 * min, NULL, NULL FROM t
 UNION ALL SELECT 'ccc44444', 'sales', 'c0000004', 1, 'resolved', 'user', 4,
  'me', 'medium', 'en', now - 4000 * min, now - 4000 * min, now - 3000 * min,
  now - 2990 * min, NULL, NULL, now - 2980 * min FROM t;
INSERT INTO conversation_tag VALUES ('aaa11111', 'billing'),
 ('aaa11111', 'vip'), ('aaa22222', 'billing');
INSERT INTO message (id, instance, conversation, contact, direction, kind,
 wamid, wa_ms, stored_ms, author, status, owner_rev, quoted, text, content)
 SELECT '01M85000000000000000000001', 'sales', 'aaa11111', 'c0000001', 'in',
  'text', 'wamid.1', now - 10 * min, now - 10 * min, NULL, NULL, NULL, NULL,
  'Where is my parcel?', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000002', 'sales', 'aaa11111',
  'c0000001', 'out', 'text', 'wamid.2', now - 9 * min, now - 9 * min, 'ai',
  'read', 1, NULL, 'Parcels take three days.', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000003', 'sales', 'aaa11111',
  'c0000001', 'in', 'text', 'wamid.3', now - 8 * min, now - 8 * min, NULL,
  NULL, NULL, 'wamid.2', 'a hmuan please', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000004', 'sales', 'aaa11111',
  'c0000001', 'in', 'edit', 'wamid.4', now - 7 * min, now - 7 * min, NULL,
  NULL, NULL, 'wamid.3', 'a human please', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000005', 'sales', 'aaa11111',
  'c0000001', 'in', 'reaction', 'wamid.5', now - 6 * min, now - 6 * min,
  NULL, NULL, NULL, 'wamid.2', '👎', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000006', 'sales', 'aaa11111',
  'c0000001', 'in', 'image', 'wamid.6', now - 5 * min, now - 5 * min, NULL,
  NULL, NULL, NULL, NULL, '{"id":"77","mime_type":"image/jpeg"}' FROM t
 UNION ALL SELECT '01M85000000000000000000007', 'sales', 'aaa11111',
  'c0000001', 'out', 'text', NULL, now - 4 * min, now - 4 * min,
  'user:anna', 'failed', 1, NULL, 'one moment', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000011', 'sales', 'aaa22222',
  'c0000002', 'in', 'text', 'wamid.11', now - 60 * min, now - 60 * min,
  NULL, NULL, NULL, NULL, 'Are you open on Sunday?', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000012', 'sales', 'aaa22222',
  'c0000002', 'out', 'text', 'wamid.12', now - 59 * min, now - 59 * min,
  'ai', 'delivered', 1, NULL, 'No, Monday to Friday.', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000021', 'help', 'bbb33333',
  'c0000003', 'in', 'text', 'wamid.21', now - 1 * min, now - 1 * min, NULL,
  NULL, NULL, NULL,
  'look ' || char(27) || '[2J' || char(10) || 'second line', NULL FROM t
 UNION ALL SELECT '01M85000000000000000000031', 'sales', 'ccc44444',
  'c0000004', 'in', 'text', 'wamid.31', now - 3000 * min, now - 3000 * min,
  NULL, NULL, NULL, NULL, 'thanks', NULL FROM t;
INSERT INTO reply (message, provider, sources, cause, took_ms) VALUES
 ('01M85000000000000000000002', 'extractive',
  '[{"passage":1,"document":"d1","title":"Shipping","source":"/srv/docs/shipping.md","section":"How long","score":3.2,"quoted":true},{"passage":2,"document":"d2","title":"Privacy","source":"/srv/docs/privacy.md","score":1.1}]',
  '01M85000000000000000000001', 3);
INSERT INTO event (id, type, source, subject, time_ms, cause, depth, stage,
 data)
 SELECT '01M85000000000000000000001', 'message.received', '/instance/sales',
  'conversation/aaa11111', now - 10 * min, NULL, 0, 'wa-recv',
  '{"message":"01M85000000000000000000001","conversation":"aaa11111","contact":"c0000001","instance":"sales","kind":"text"}'
  FROM t
 UNION ALL SELECT '01M85000000000000000000101', 'conversation.opened',
  '/instance/sales', 'conversation/aaa11111', now - 10 * min,
  '01M85000000000000000000001', 1, 'wa-recv',
  '{"conversation":"aaa11111","instance":"sales","contact":"c0000001","status":"open","owner":"ai","owner_rev":1,"actor":"customer"}'
  FROM t
 UNION ALL SELECT '01M85000000000000000000102', 'conversation.escalated',
  '/instance/sales', 'conversation/aaa11111', now - 8 * min,
  '01M85000000000000000000003', 1, 'route',
  '{"conversation":"aaa11111","instance":"sales","contact":"c0000001","status":"open","owner":"queue","owner_rev":2,"actor":"rule","reason":"asked for a person"}'
  FROM t
 UNION ALL SELECT '01M85000000000000000000103', 'message.failed',
  '/instance/sales', 'conversation/aaa11111', now - 4 * min,
  '01M85000000000000000000007', 1, 'wa-send',
  '{"message":"01M85000000000000000000007","conversation":"aaa11111","instance":"sales","status":"failed","errors":[{"code":131047,"title":"Re-engagement message"}]}'
  FROM t;
DROP TABLE t;
