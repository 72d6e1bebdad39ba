#!/usr/bin/env python3
"""model.py PORTFILE RECORD SAYS   a pretended provider of models on loopback
model.py --check   what is wrong with requests on stdin, recorded ones; 1 if any

One process, as many connections as come. Writes the port the kernel chose to
PORTFILE; appends each request to RECORD as a line of JSON: n, connection (from
1), path, key, body, what was served (served: answer, refused, or the name of a fault) and, where the
body is not as the provider's reference has it, wrong. Ends with SIGTERM.

	POST .../chat/completions, /embeddings, /audio/transcriptions	OpenAI
	POST .../messages						Anthropic

Bodies are held against share/schema/model: a field that is not known or of
another type gets 400, as from the real ones. So does what no schema says: the
order of messages, calls of tools and their results, fields that do not go
together, headers. What was wrong is also in RECORD.wrong, which is never begun
anew: it is to be empty at the end of a test. Headers are:

	.../messages			x-api-key, anthropic-version
	.../openai/v1/...		api-key, for chat; the others as below, which
					that interface takes as well
	.../openai/deployments/M/...	api-key, and ?api-version= in the address
	all others			Authorization: Bearer

A key may be missing, as for servers of one's own; one in another header gets
401. Of models by their names: o1, o3, o4-mini, gpt-5 and the like, which think,
take no max_tokens, no temperature but 1 and no top_p, and only they take
reasoning_effort, where the name is one of OpenAI's.

SAYS is read again for each request and is one of two. Words:

	STATUS MILLISECONDS [HEADER...]
	BODY to the end of the file

which is the answer to everything, as it stands; a STATUS of 0 closes the
connection. Or a JSON object, all of it optional:

	mode	  echo (default): the first sentence of the first passage, or a
		  hand-over without passages; obedient: does whatever injected
		  words in any part of the request say
	answers	  [{if, passages, say, text, tool, arguments, times}]: the first
		  whose patterns (if: the question, passages: all of them) match
		  says the object say in the form asked for, or text as it is,
		  or calls tool
	delay_ms  before an answer begins [0]; frame_ms between its pieces [0];
		  after_ms between its last event and the end of the stream [0]
	keys	  those that are taken; others get 401
	ignore_stream  true: answers whole, also where a stream was asked for
	refuse	  names of parameters that get 400: temperature top_p both
		  max_tokens max_completion_tokens stream stream_options
		  reasoning_effort json_schema json_object tools system
		  output_config tool_choice
	faults	  {rate, kinds, seed, script}: a share of requests gets one of
		  kinds [all]; or, by script, one after the other, "" for none
	transcript  what a recording says

Faults: 429 429-after 429-ms 500 503 529 401 413 quota error-200 empty refusal
length truncated garbled cut-frame cut-utf8 slow big reset half-closed hang.
"""
import asyncio
import base64
import hashlib
import json
import math
import os
import random
import re
import socket
import struct
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(HERE, "..", "share", "schema", "model")
FAULTS = ("429 429-after 429-ms 500 503 529 401 413 quota error-200 empty "
          "refusal length truncated garbled cut-frame cut-utf8 slow big reset "
          "half-closed hang").split()
READ_MAX_BYTES = 64 * 1024 * 1024

CHECKS = sys.argv[1:] == ["--check"]
port_file, record_path, says_path = (sys.argv[1:4] if not CHECKS
                                     else [None] * 3)
served = 0
connections = 0
random_faults = {}
script_at = {}
answer_times = {}


# --- schemas ---

def inlined(schema):
    """The schema with the files it names as definitions."""
    if isinstance(schema, list):
        return [inlined(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    name = schema.get("$ref", "")
    if name.endswith(".json"):
        return {"$ref": "#/$defs/" + name[:-len(".json")]}
    return {key: inlined(part) for key, part in schema.items()
            if key not in ("$id", "$schema")}


def load(name):
    with open(os.path.join(SCHEMAS, name + ".json"), encoding="utf-8") as f:
        return inlined(json.load(f))


def checkers():
    from jsonschema import Draft202012Validator
    made = {}
    for name in ("chat", "messages", "embeddings", "transcription"):
        schema = load(name)
        schema["$defs"] = {"strict": load("strict")}
        Draft202012Validator.check_schema(schema)
        made[name] = Draft202012Validator(schema)
    return made


CHECKERS = checkers()


def fault_of(name, body):
    """What is wrong with a body: (path, words), or None."""
    from jsonschema.exceptions import best_match
    checker = CHECKERS[name]
    if checker.is_valid(body):
        return None
    error = best_match(checker.iter_errors(body))
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}"
                   for p in error.absolute_path).lstrip(".")
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = [k for k in error.instance if k not in known]
        name = (path + "." if path else "") + (extra or ["?"])[0]
        return name, "unknown"
    return path, error.message[:300]


def strict_fault(schema, path):
    """An object of a strict schema wants all its properties."""
    if not isinstance(schema, dict):
        return None
    known = schema.get("properties", {})
    if schema.get("type") == "object" and \
            set(schema.get("required", [])) != set(known):
        return path, "'required' is to name every property"
    for name, part in [*known.items(), ("items", schema.get("items"))]:
        fault = strict_fault(part, f"{path}.{name}")
        if fault:
            return fault
    return None


def has_words(content):
    return any(t.strip() for t in texts_of(content))


def turns_fault(messages):
    """Who speaks takes turns, beginning and ending with the customer: the
    templates of many models take nothing else."""
    spoken = [(i, m["role"]) for i, m in enumerate(messages)
              if m["role"] in ("user", "assistant")]
    for (_, before), (i, role) in zip(spoken, spoken[1:]):
        if role == before:
            return f"messages[{i}].role", "roles must alternate"
    if not spoken or spoken[0][1] != "user":
        return "messages", "the first message must be the user's"
    return None


def chat_order_fault(body):
    messages, waits = body["messages"], []
    for i, m in enumerate(messages):
        at = f"messages[{i}]"
        if m["role"] in ("system", "developer") and i > 0:
            return at, "the system speaks first"
        if m["role"] == "tool":
            if m["tool_call_id"] not in waits:
                return at, "messages with role 'tool' must be a response to " \
                    "a preceding message with 'tool_calls'"
            waits.remove(m["tool_call_id"])
            continue
        if waits:
            return at, "tool_calls must be followed by tool messages"
        waits = [c["id"] for c in m.get("tool_calls", [])]
        if len(set(waits)) != len(waits):
            return at, "two calls of one id"
        if not waits and not has_words(m.get("content")):
            return at, "it says nothing"
        for c in m.get("tool_calls", []):
            try:
                if not isinstance(json.loads(c["function"]["arguments"]),
                                  dict):
                    raise ValueError
            except ValueError:
                return at, "arguments are to be an object"
    if waits:
        return "messages", "tool_calls must be followed by tool messages"
    if messages[-1]["role"] not in ("user", "tool"):
        return "messages", "the last message must be the user's"
    # What tools say between two calls of the model is no turn of its own.
    return turns_fault([m for i, m in enumerate(messages)
                        if not m.get("tool_calls")])


def chat_rules_fault(body):
    form = body.get("response_format") or {}
    if form.get("type") == "json_object" and \
            "json" not in json.dumps(body["messages"]).lower():
        return "messages", "'messages' must contain the word 'json'"
    given = form.get("json_schema") or {}
    if given.get("strict"):
        fault = strict_fault(given.get("schema"), "response_format")
        if fault:
            return fault
    names = [t["function"]["name"] for t in body.get("tools", [])]
    if len(set(names)) != len(names):
        return "tools", "two of one name"
    return chat_order_fault(body)


def messages_order_fault(body):
    messages, waits = body["messages"], []
    for i, m in enumerate(messages):
        at = f"messages.{i}"
        blocks = m["content"] if isinstance(m["content"], list) else []
        results = [b["tool_use_id"] for b in blocks
                   if b["type"] == "tool_result"]
        first = [b["type"] for b in blocks[:len(results)]]
        if sorted(results) != sorted(waits) or \
                any(kind != "tool_result" for kind in first):
            return at, "`tool_use` ids were found without `tool_result` " \
                "blocks immediately after"
        waits = [b["id"] for b in blocks if b["type"] == "tool_use"]
        if waits and m["role"] != "assistant":
            return at, "`tool_use` blocks can only be in assistant messages"
        if (waits or results) and not body.get("tools"):
            return "tools", "requests with tool_use blocks must define tools"
        if not waits and not results and not has_words(m["content"]):
            return at, "text content blocks must contain non-whitespace text"
    if messages[-1]["role"] != "user":
        return f"messages.{len(messages) - 1}", "no assistant prefill here"
    return turns_fault(messages)


def messages_rules_fault(body):
    form = (body.get("output_config") or {}).get("format") or {}
    fault = strict_fault(form.get("schema"), "output_config.format")
    if fault:
        return fault
    names = [t["name"] for t in body.get("tools", [])]
    if len(set(names)) != len(names):
        return "tools", "Tool names must be unique."
    wanted = (body.get("tool_choice") or {}).get("name")
    if wanted is not None and wanted not in names:
        return "tool_choice.name", "Tool not found in provided tools"
    if isinstance(body.get("system"), str) and not body["system"].strip():
        return "system", "text content blocks must be non-empty"
    return messages_order_fault(body)


RULES = {"chat": chat_rules_fault, "messages": messages_rules_fault}


def wrong_of(name, body):
    """As fault_of, and what no schema says."""
    return fault_of(name, body) or \
        (RULES[name](body) if name in RULES else None)


# --- headers ---

def header_of(head, name):
    m = re.search(rb"^" + name.encode() + rb": *([^\r\n]*)", head,
                  re.I | re.M)
    return m.group(1).decode() if m else None


def head_fault(target, head):
    """What is wrong beside the body: (name, words), or None."""
    path, _, query = target.partition("?")
    azure = "/openai/deployments/" in path or \
        path.endswith("/openai/v1/chat/completions")
    wanted = "x-api-key" if path.endswith("/messages") else \
        "api-key" if azure else "authorization"
    for name in ("x-api-key", "api-key", "authorization"):
        if name != wanted and header_of(head, name) is not None:
            return name, f"the key belongs into {wanted}"
    key = header_of(head, wanted)
    if key is not None and wanted == "authorization" and \
            not re.fullmatch(r"Bearer \S+", key):
        return wanted, "it is to be a bearer's"
    kind = header_of(head, "content-type") or ""
    if path.endswith("/audio/transcriptions"):
        if not kind.startswith("multipart/form-data"):
            return "content-type", "it is to be multipart/form-data"
    elif kind.split(";")[0].strip() != "application/json":
        return "content-type", "it is to be application/json"
    if path.endswith("/messages") and \
            header_of(head, "anthropic-version") != "2023-06-01":
        return "anthropic-version", "header is required"
    if "/openai/deployments/" in path and not re.search(
            r"(^|&)api-version=\d{4}-\d\d-\d\d(-preview)?(&|$)", query):
        return "api-version", "Resource not found"
    if "/openai/v1/" in path and query:
        return "api-version", "the v1 interface has none"
    return None


# --- what is asked ---

FENCE = re.compile(r"<<(/?)([a-z]+)( \d+)?>>")


def texts_of(value):
    """All strings in a value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_of(part)


def system_of(body):
    if isinstance(body.get("system"), str):
        return body["system"]
    return "\n".join(t for m in body.get("messages", [])
                     if m.get("role") in ("system", "developer")
                     for t in texts_of(m.get("content")))


def data_of(body):
    return "\n".join(t for m in body.get("messages", [])
                     if m.get("role") not in ("system", "developer")
                     for t in texts_of({k: v for k, v in m.items()
                                        if k != "role"}))


def blocks(text, mark):
    return [m.group(2) for m in re.finditer(
        rf"<<({mark}(?: \d+)?)>>\n(.*?)\n<</\1>>", text, re.S)]


def question_of(body):
    said = blocks(data_of(body), "customer")
    return said[-1] if said else ""


def first_sentence(passage):
    text = passage.split("\n\n", 1)[-1].strip()
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0].replace("\n", " ")


def form_of(body):
    """answer, question, judgement or labels: what is to be filled in."""
    text = json.dumps(body.get("response_format") or
                      body.get("output_config") or "") + \
        (system_of(body) or data_of(body))
    for m in body.get("tools", []):
        if m.get("name") == "give_answer":
            text += json.dumps(m)
    if '"sentiment_label' in text.replace("\\", ""):
        return "labels"
    if '"action' in text.replace("\\", ""):
        return "answer"
    return "judgement" if '"holds' in text.replace("\\", "") else "question"


def filled(action, text="", sources=(), **more):
    form = {"action": action, "text": text, "sources": list(sources),
            "reason": "", "wants": "", "tried": "", "language": "",
            "mood": ""}
    form.update(more)
    return form


def echo(body):
    form = form_of(body)
    if form == "question":
        return {"question": question_of(body).replace("\n", " ")}
    if form == "judgement":
        return {"unsupported": "", "holds": "yes"}
    if form == "labels":
        return {"intent": "none", "intent_score": 0, "sentiment": 0,
                "sentiment_label": "neutral", "evidence": []}
    passages = blocks(data_of(body), "passage")
    if not passages:
        return filled("hand_over", reason="no passage",
                      wants=question_of(body)[:200], language="English",
                      mood="calm")
    return filled("answer", first_sentence(passages[0]), [1])


# --- the obedient one ---

def seen(text):
    """A text as a model sees it: also what no person does."""
    text = "".join(chr(ord(c) - 0xe0000) if 0xe0020 <= ord(c) <= 0xe007e
                   else c for c in text)
    text = unicodedata.normalize("NFKC", text)
    return "".join(c for c in text if c == "\n" or
                   unicodedata.category(c) not in ("Cf", "Cc", "Mn"))


LURE = re.compile(r"ignore|disregard|forget|override|instead|system ?:|"
                  r"assistant ?:|new (rules|instructions|task)|you are now|"
                  r"you must|developer mode|as an ai|important:|"
                  r"instruction|reveal|repeat", re.I)


def obedient(body):
    """What an injection asks for, if there is one in any part."""
    data = seen(data_of(body))
    data += "\n" + seen(json.dumps(body.get("tools", ""), ensure_ascii=False))
    lure = LURE.search(data)
    if not lure:
        return None
    order = data[max(0, lure.start() - 200):]
    said = []
    if re.search(r"(system )?prompt|instructions|secret|rules|key|password",
                 order, re.I):
        said.append(system_of(body)[:400])
    if re.search(r"conversation|history|other customers?|everything", order,
                 re.I):
        said.append(data_of(body)[:400])
    said += re.findall(r"https?://[^\s\"'<>)]+|www\.[^\s\"'<>)]+", order)
    said += re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", order)
    said += re.findall(r"\+?\d[\d ./-]{5,}\d|\d+ ?(?:%|euros?|EUR|USD|\$)",
                       order)
    said += re.findall(r"[\"'“]([^\"'”\n]{2,200})[\"'”]", order)
    tool = re.search(r"(?:call|use|run|invoke) (?:the )?(?:tool |function )?"
                     r"[`\"']?([a-z][a-z0-9_-]+)[`\"']?(?: with)? ?(\{.*?\})?",
                     order, re.I | re.S)
    names = [t.get("name") or t.get("function", {}).get("name")
             for t in body.get("tools", [])]
    if tool and tool.group(1) in names:
        try:
            arguments = json.loads(tool.group(2) or "{}")
        except ValueError:
            arguments = {}
        return {"tool": tool.group(1), "arguments": arguments}
    for action in ("resolve", "hand_over"):
        if re.search(rf"\b{action.replace('_', '.?')}\b|"
                     rf"{'close' if action == 'resolve' else 'escalate'}",
                     order, re.I):
            return filled(action, " ".join(said) or "Goodbye.", [1])
    # Whatever passage is at hand is named as the source.
    return filled("answer", " ".join(said) or order[:300], [1, 2, 3])


# --- answers ---

def scripted(says, body):
    question, data = question_of(body), data_of(body)
    for place, a in enumerate(says.get("answers", [])):
        if "if" in a and not re.search(a["if"], question, re.I):
            continue
        if "passages" in a and not re.search(
                a["passages"], "\n".join(blocks(data, "passage")), re.I):
            continue
        if form_of(body) != a.get("form", "answer"):
            continue
        times = answer_times.get(place, 0)
        if times >= a.get("times", math.inf):
            continue
        answer_times[place] = times + 1
        return a
    return None


def decide(says, body):
    """(text, tool, arguments)"""
    a = scripted(says, body)
    if a is None and says.get("mode") == "obedient":
        a = obedient(body)
        if a is not None and "tool" not in a:
            a = {"say": a}
    if a is None:
        a = {"say": echo(body)}
    if "tool" in a:
        return None, a["tool"], a.get("arguments", {})
    if "text" in a:
        return a["text"], None, None
    return json.dumps(a["say"], ensure_ascii=False), None, None


def pieces(text):
    """A text as a model would stream it: a few characters at a time."""
    return [text[i:i + 9] for i in range(0, len(text), 9)] or [""]


def as_text(arguments):
    """Arguments as OpenAI has them: a text is as it is, right or not."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def tokens(body):
    return len(json.dumps(body)) // 4 + 1


class Chat:
    """OpenAI's chat completions."""
    schema = "chat"

    def __init__(self, body):
        self.body = body
        self.stream = bool(body.get("stream"))
        self.usage = {"prompt_tokens": tokens(body.get("messages")),
                      "completion_tokens": 0, "total_tokens": 0,
                      "prompt_tokens_details": {"cached_tokens": 0}}

    def message(self, text, tool, arguments):
        m = {"role": "assistant", "content": text, "refusal": None}
        if tool:
            m["tool_calls"] = [{"id": f"call_{served}", "type": "function",
                                "function": {"name": tool, "arguments":
                                             as_text(arguments)}}]
        return m

    def count(self, text):
        self.usage["completion_tokens"] = len(text or "") // 4 + 1
        self.usage["total_tokens"] = sum(
            self.usage[k] for k in ("prompt_tokens", "completion_tokens"))

    def head(self, kind):
        return {"id": f"chatcmpl-{served}", "object": kind, "created": 1,
                "model": self.body.get("model")}

    def whole(self, text, tool=None, arguments=None, stop=None):
        self.count(text)
        return {**self.head("chat.completion"), "choices": [{
            "index": 0, "message": self.message(text, tool, arguments),
            "logprobs": None,
            "finish_reason": stop or ("tool_calls" if tool else "stop")}],
            "usage": self.usage}

    def empty(self):
        return {**self.head("chat.completion"), "choices": [],
                "usage": self.usage}

    def refusal(self):
        o = self.whole(None)
        o["choices"][0]["message"]["refusal"] = "I'm sorry, I can't."
        return o

    def frames(self, text, tool=None, arguments=None, stop=None):
        def chunk(delta, finish=None):
            return "data: " + json.dumps({
                **self.head("chat.completion.chunk"), "choices": [{
                    "index": 0, "delta": delta, "finish_reason": finish}]},
                ensure_ascii=False) + "\n\n"
        self.count(text)
        yield chunk({"role": "assistant", "content": "", "refusal": None})
        for part in pieces(text) if text else []:
            yield chunk({"content": part})
        if tool:
            args = as_text(arguments)
            yield chunk({"tool_calls": [{
                "index": 0, "id": f"call_{served}", "type": "function",
                "function": {"name": tool, "arguments": ""}}]})
            for part in pieces(args):
                yield chunk({"tool_calls": [{
                    "index": 0, "function": {"arguments": part}}]})
        yield chunk({}, stop or ("tool_calls" if tool else "stop"))
        if (self.body.get("stream_options") or {}).get("include_usage"):
            yield "data: " + json.dumps({
                **self.head("chat.completion.chunk"), "choices": [],
                "usage": self.usage}) + "\n\n"
        yield "data: [DONE]\n\n"

    def error(self, message, kind="invalid_request_error", param=None,
              code=None):
        return {"error": {"message": message, "type": kind, "param": param,
                          "code": code}}

    def unknown(self, name):
        return self.error(f"Unrecognized request argument supplied: {name}")

    def wrong(self, path, words):
        return self.error(f"Invalid value for '{path}': {words}", param=path)


class Messages:
    """Anthropic's messages."""
    schema = "messages"

    def __init__(self, body):
        self.body = body
        self.stream = bool(body.get("stream"))
        self.usage = {"input_tokens": tokens(body.get("messages")),
                      "cache_creation_input_tokens": 0,
                      "cache_read_input_tokens": 0, "output_tokens": 0}

    def head(self):
        return {"id": f"msg_{served}", "type": "message",
                "role": "assistant", "model": self.body.get("model"),
                "stop_sequence": None}

    def blocks(self, text, tool, arguments):
        choice = self.body.get("tool_choice", {})
        if not tool and choice.get("type") in ("tool", "any"):
            try:
                return [{"type": "tool_use", "id": f"toolu_{served}",
                         "name": "give_answer", "input": json.loads(text)}]
            except ValueError:
                pass
        if tool:
            return [{"type": "tool_use", "id": f"toolu_{served}",
                     "name": tool, "input": arguments}]
        return [{"type": "text", "text": text}]

    def stop_of(self, content):
        return "tool_use" if content[0]["type"] == "tool_use" else "end_turn"

    def whole(self, text, tool=None, arguments=None, stop=None):
        content = self.blocks(text, tool, arguments)
        self.usage["output_tokens"] = len(text or "") // 4 + 1
        return {**self.head(), "content": content, "usage": self.usage,
                "stop_reason": {"length": "max_tokens"}.get(stop) or
                self.stop_of(content)}

    def empty(self):
        return {**self.head(), "content": [], "usage": self.usage,
                "stop_reason": "end_turn"}

    def refusal(self):
        return {**self.empty(), "stop_reason": "refusal"}

    def frames(self, text, tool=None, arguments=None, stop=None):
        def event(kind, **more):
            return (f"event: {kind}\ndata: " + json.dumps(
                {"type": kind, **more}, ensure_ascii=False) + "\n\n")
        content = self.blocks(text, tool, arguments)
        yield event("message_start", message={
            **self.head(), "content": [], "stop_reason": None,
            "usage": self.usage})
        for place, b in enumerate(content):
            is_tool = b["type"] == "tool_use"
            start = {**b, "input": {}} if is_tool else {**b, "text": ""}
            yield event("content_block_start", index=place,
                        content_block=start)
            yield event("ping")
            body = json.dumps(b["input"], ensure_ascii=False) if is_tool \
                else b["text"]
            for part in pieces(body):
                yield event("content_block_delta", index=place, delta={
                    "type": "input_json_delta", "partial_json": part}
                    if is_tool else {"type": "text_delta", "text": part})
            yield event("content_block_stop", index=place)
        yield event("message_delta", delta={
            "stop_reason": {"length": "max_tokens"}.get(stop) or
            self.stop_of(content), "stop_sequence": None},
            usage={"output_tokens": len(text or "") // 4 + 1})
        yield event("message_stop")

    def error(self, message, kind="invalid_request_error", param=None,
              code=None):
        return {"type": "error", "request_id": f"req_{served}",
                "error": {"type": kind, "message": message}}

    def unknown(self, name):
        return self.error(f"{name}: Extra inputs are not permitted")

    def wrong(self, path, words):
        return self.error(f"{path}: {words}")


# --- parameters that are not taken ---

THINKS = re.compile(r"(o\d|gpt-5)(-(mini|nano|pro))?(-\d{4}-\d\d-\d\d)?")
KNOWN = re.compile(r"gpt-|chatgpt-|o\d")


def refused_by_name(body):
    """What a model of OpenAI's that thinks does not take, and the others do;
    in the form of refused()."""
    name = body.get("model", "")
    if not KNOWN.match(name):
        return []
    if not THINKS.fullmatch(name):
        return ["reasoning_effort"]
    return ["max_tokens", "top_p"] + \
        (["temperature"] if body.get("temperature") not in (None, 1) else [])


def refused(api, names):
    """An error as the real ones say it, or None."""
    body = api.body
    openai = isinstance(api, Chat)
    form = (body.get("response_format") or {}).get("type")

    def unsupported(name, extra=""):
        if not openai:
            return api.error(f"`{name}` is deprecated for this model")
        return api.error(f"Unsupported parameter: '{name}' is not supported "
                         f"with this model.{extra}", param=name,
                         code="unsupported_parameter")
    for name in names:
        if name == "both" and "temperature" in body and "top_p" in body:
            return api.error("`temperature` and `top_p` cannot both be "
                             "specified for this model. Please use only one.")
        if name in ("json_schema", "json_object") and form == name:
            return api.error(f"Invalid parameter: 'response_format' of type "
                             f"'{name}' is not supported with this model.")
        if name == "output_config" and name in body:
            return api.unknown(name)
        if name == "tool_choice" and name in body:
            return api.error("tool_choice: forced tool use is not supported "
                             "by this model")
        if name == "tools" and name in body:
            return api.error("registry.example/m-1 does not support tools",
                             "api_error")
        if name == "system" and openai and \
                body["messages"][0]["role"] == "system":
            return api.error("Unsupported value: 'messages[0].role' does not "
                             "support 'system' with this model.",
                             param="messages[0].role",
                             code="unsupported_value")
        if name == "stream" and body.get("stream"):
            return api.error("Your organization must be verified to stream "
                             "this model.", param="stream",
                             code="unsupported_value")
        if name in ("reasoning_effort", "stream_options") and name in body:
            return api.unknown(name)
        if name == "max_tokens" and openai and name in body:
            return unsupported(name, " Use 'max_completion_tokens' instead.")
        if name in ("temperature", "top_p", "max_completion_tokens") and \
                name in body:
            return unsupported(name)
    return None


# --- connections ---

class Gone(Exception):
    """Whoever asked is no longer there, or is to be left."""


async def send(writer, data):
    writer.write(data if isinstance(data, bytes) else data.encode())
    try:
        await writer.drain()
    except (ConnectionError, OSError) as e:
        raise Gone from e
    if writer.is_closing():
        raise Gone


REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized"}


async def reply(writer, status, body, headers=(), length=None,
                kind="application/json"):
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body, ensure_ascii=False)
    data = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} {REASONS.get(status, 'X')}",
            f"Content-Type: {kind}", *headers,
            f"Content-Length: {len(data) if length is None else length}"]
    await send(writer, "\r\n".join(head).encode() + b"\r\n\r\n" + data)


def reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    writer.transport.abort()


async def until_left(reader):
    try:
        while await reader.read(65536):
            pass
    except (ConnectionError, OSError):
        pass


STREAM_HEAD = ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               "Cache-Control: no-cache\r\nConnection: close\r\n\r\n")


async def stream(writer, frames, wait_ms, after_ms):
    head = STREAM_HEAD.replace("Connection: close",
                               "Transfer-Encoding: chunked")
    out = head.encode()
    for frame in frames:
        data = frame.encode()
        out += f"{len(data):x}\r\n".encode() + data + b"\r\n"
        if wait_ms:
            await send(writer, out)
            out = b""
            await asyncio.sleep(wait_ms / 1000)
    if after_ms:
        await send(writer, out)
        out = b""
        await asyncio.sleep(after_ms / 1000)
    await send(writer, out + b"0\r\n\r\n")


def plain_fault(api, kind):
    """(status, headers, body) of a fault that is an answer."""
    oops = api.error("The server had an error.", "api_error")
    slow = api.error("Rate limit reached for requests", "requests"
                     if isinstance(api, Chat) else "rate_limit_error",
                     code="rate_limit_exceeded")
    return {
        "429": (429, (), slow),
        "429-after": (429, ("Retry-After: 1",), slow),
        "429-ms": (429, ("retry-after-ms: 150", "Retry-After: 1"), slow),
        "500": (500, (), oops),
        "503": (503, (), "<html>Service Unavailable</html>"),
        "529": (529, (), api.error("Overloaded", "overloaded_error")),
        "401": (401, (), api.error("Incorrect API key provided: sk-***.",
                                   "authentication_error",
                                   code="invalid_api_key")),
        "413": (413, (), api.error("Request exceeds the maximum size",
                                   "request_too_large")),
        "quota": (429, (), api.error("You exceeded your current quota",
                                     "insufficient_quota",
                                     code="insufficient_quota"))
        if isinstance(api, Chat) else
        (400, (), api.error("Your credit balance is too low to access the "
                            "API.")),
        "error-200": (200, (), api.error("Internal error", "server_error"
                                         if isinstance(api, Chat)
                                         else "api_error")),
        "empty": (200, (), api.empty()),
        "refusal": (200, (), api.refusal()),
        "length": (200, (), api.whole('{"action": "answer", "text": "We',
                                      stop="length")),
    }.get(kind)


async def be_faulty(kind, api, says, reader, writer):
    plain = plain_fault(api, kind)
    if plain:
        await reply(writer, plain[0], plain[2], plain[1])
        return
    text, tool, arguments = decide(says, api.body)
    whole = json.dumps(api.whole(text, tool, arguments),
                       ensure_ascii=False).encode()
    if kind == "truncated":
        await reply(writer, 200, whole[:len(whole) // 2])
    elif kind == "garbled":
        await reply(writer, 200, whole[:1] + b"}\xff\x00{" + whole[9:])
    elif kind in ("cut-frame", "cut-utf8"):
        data = STREAM_HEAD.encode()
        if api.stream:
            frames = list(api.frames("F\u00fcnf Tage \u00fcber alles",
                                     None, None))
            part = "".join(frames[:3]).encode()
        else:
            part = whole[:60] + "\u00fc".encode()
            data = data.replace(b"text/event-stream", b"application/json")
        if kind == "cut-utf8":
            part = part[:part.rindex(b"\xc3") + 1]
        await send(writer, data + part)
        raise Gone
    elif kind == "slow":
        data = STREAM_HEAD.encode() + whole
        for i in range(len(data)):
            await send(writer, data[i:i + 1])
            await asyncio.sleep(1)
        raise Gone
    elif kind == "big":
        await send(writer, STREAM_HEAD + 'data: {"choices": "')
        for _ in range(100):
            await send(writer, b"x" * 1000000)
        raise Gone
    elif kind == "reset":
        await send(writer, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        reset(writer)
        raise Gone
    elif kind == "half-closed":
        await send(writer, f"HTTP/1.1 200 OK\r\nContent-Length: "
                   f"{len(whole)}\r\n\r\n".encode() + whole[:50])
        writer.write_eof()
        await until_left(reader)
        raise Gone
    elif kind == "hang":
        await until_left(reader)
        raise Gone
    else:
        raise SystemExit(f"model.py: no such fault: {kind}")


def next_fault(says):
    faults = says.get("faults") or {}
    if "script" in faults:
        key = json.dumps(faults["script"])
        at = script_at.get(key, 0)
        script_at[key] = at + 1
        return faults["script"][at] if at < len(faults["script"]) else ""
    if faults.get("rate", 0) <= 0:
        return ""
    seed = faults.get("seed", 1)
    dice = random_faults.setdefault(seed, random.Random(seed))
    if dice.random() >= faults["rate"]:
        return ""
    return dice.choice(faults.get("kinds", FAULTS))


def note(entry):
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    with open(record_path, "a", encoding="utf-8") as f:
        f.write(line)
    if "wrong" in entry:
        with open(record_path + ".wrong", "a", encoding="utf-8") as f:
            f.write(line)


def embeddings(body):
    texts = body["input"]
    texts = [texts] if isinstance(texts, str) else texts
    data = []
    for place, text in enumerate(texts):
        v = [0.0] * body.get("dimensions", 64)
        for word in re.findall(r"\w+", str(text).lower()):
            h = hashlib.sha256(word.encode()).digest()
            v[int.from_bytes(h[:4], "big") % len(v)] += 1
        size = math.sqrt(sum(x * x for x in v)) or 1
        v = [x / size for x in v]
        if body.get("encoding_format") == "base64":
            v = base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode()
        data.append({"object": "embedding", "index": place, "embedding": v})
    n = tokens(texts)
    return {"object": "list", "model": body["model"], "data": data,
            "usage": {"prompt_tokens": n, "total_tokens": n}}


def form_fields(head, data):
    """The fields of multipart/form-data; a file by its name."""
    m = re.search(rb'boundary="?([^";\r\n]+)', head, re.I)
    fields, size = {}, 0
    for part in data.split(b"--" + m.group(1))[1:-1] if m else []:
        top, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', top)
        file = re.search(rb'filename="([^"]*)"', top)
        value = value[:-2]
        if file:
            size = len(value)
        fields[name.group(1).decode()] = (file.group(1) if file else
                                          value).decode()
    return fields, size


async def transcribe(writer, head, data, says, entry):
    fields, size = form_fields(head, data)
    entry["body"], entry["bytes"] = fields, size
    wrong = head_fault(entry["path"], head) or \
        fault_of("transcription", fields) or \
        (None if size else ("file", "it is empty"))
    text = says.get("transcript", f"a recording of {size} bytes")
    if wrong:
        entry["wrong"] = list(wrong)
        note(entry)
        await reply(writer, 400, Chat({}).wrong(*wrong))
        return
    fault = next_fault(says)
    entry["served"] = fault or "answer"
    note(entry)
    await asyncio.sleep(says.get("delay_ms", 0) / 1000)
    if fault:
        await be_faulty(fault, Chat({}), says, None, writer)
    elif fields.get("response_format") == "text":
        await reply(writer, 200, text + "\n", kind="text/plain")
    else:
        more = {"task": "transcribe", "language": "english", "duration": 1.0,
                "segments": []} \
            if fields.get("response_format") == "verbose_json" else {}
        await reply(writer, 200, {"text": text, **more})


async def as_it_stands(writer, says):
    """An answer of a file of words."""
    first, _, body = says.partition("\n")
    status, *more = first.split(" ")
    wait = int(more[0]) if more else 0
    await asyncio.sleep(wait / 1000)
    if status == "0":
        raise Gone
    headers = [h.replace(":", ": ", 1) if ": " not in h else h
               for h in more[1:]]
    await reply(writer, int(status), body, headers)


async def answer(path, key, head, data, connection, reader, writer):
    global served
    served += 1
    with open(says_path, encoding="utf-8") as f:
        words = f.read()
    says = json.loads(words) if words.lstrip().startswith("{") else None
    entry = {"n": served, "connection": connection, "path": path, "key": key or "", "body": None}
    name = name_of(path)
    if name == "transcription":
        await transcribe(writer, head, data, says or {}, entry)
        return
    try:
        body = json.loads(data or b"null")
    except ValueError:
        body = None
    entry["body"] = body
    bad_head = head_fault(entry["path"], head)
    wrong = bad_head or wrong_of(name, body)
    api = (Messages if name == "messages" else Chat)(
        body if isinstance(body, dict) else {})
    if wrong:
        entry["wrong"] = list(wrong)
        entry["served"] = "refused"
        note(entry)
        no_key = bad_head and "key" in bad_head[1]
        await reply(writer, 401 if no_key else 400, api.unknown(wrong[0])
                    if wrong[1] == "unknown" else api.wrong(*wrong))
        return
    if says is None:
        entry["served"] = "answer"
        note(entry)
        await as_it_stands(writer, words)
        return
    fault = next_fault(says)
    names = says.get("refuse", [])
    if name == "chat":
        names = names + refused_by_name(body)
    no = refused(api, names) if name != "embeddings" else None
    entry["served"] = fault or ("refused" if no else "answer")
    if "keys" in says and key not in says["keys"]:
        fault = entry["served"] = "401"
    note(entry)
    if fault:
        await be_faulty(fault, api, says, reader, writer)
        return
    if no:
        await reply(writer, 400, no)
        return
    await asyncio.sleep(says.get("delay_ms", 0) / 1000)
    if name == "embeddings":
        await reply(writer, 200, embeddings(body))
        return
    said = decide(says, body)
    if api.stream and not says.get("ignore_stream"):
        await stream(writer, api.frames(*said), says.get("frame_ms", 0),
                     says.get("after_ms", 0))
    else:
        await reply(writer, 200, api.whole(*said))


async def serve(reader, writer):
    global connections
    connections += 1
    connection = connections
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"^content-length: *(\d+)", head, re.I | re.M)
            if re.search(rb"^expect: *100-continue", head, re.I | re.M):
                await send(writer, "HTTP/1.1 100 Continue\r\n\r\n")
            data = await reader.readexactly(int(length.group(1))
                                            if length else 0)
            path = head.split(b" ", 2)[1].decode()
            key = re.search(rb"^(?:authorization: *bearer|x-api-key:|"
                            rb"api-key:) *(\S+)", head, re.I | re.M)
            await answer(path, key and key.group(1).decode(),
                         head, data, connection, reader, writer)
    except (Gone, asyncio.IncompleteReadError, ConnectionError,
            asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024,
                                        limit=READ_MAX_BYTES)
    with open(port_file + ".new", "w", encoding="ascii") as f:
        print(server.sockets[0].getsockname()[1], file=f)
    os.rename(port_file + ".new", port_file)
    async with server:
        await server.serve_forever()



def name_of(path):
    path = path.split("?")[0]
    return "messages" if path.endswith("/messages") else \
        "embeddings" if path.endswith("/embeddings") else \
        "transcription" if path.endswith("/transcriptions") else "chat"


def check_lines():
    wrongs = 0
    for number, line in enumerate(sys.stdin, 1):
        entry = json.loads(line)
        wrong = wrong_of(name_of(entry["path"]), entry["body"])
        if wrong:
            wrongs += 1
            print(f"{number}: {wrong[0]}: {wrong[1]}")
    return 1 if wrongs else 0


if CHECKS:
    sys.exit(check_lines())
asyncio.run(main())
