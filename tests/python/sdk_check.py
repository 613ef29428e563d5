"""Drives the built-in server with the official Python SDK: first a proper one, then one with a plan of faults."""

import sys
import time

import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1], api_key="not-a-key", max_retries=0)
faulty = anthropic.Anthropic(base_url=sys.argv[2], api_key="not-a-key", max_retries=0)
MODEL = client.models.list().data[0].id
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
        "required": ["city", "unit"],
    },
}
THINK = {"type": "adaptive", "display": "summarized"}


def check(name, condition, shown=""):
    if not condition:
        raise SystemExit(f"{name} failed: {shown}")
    print("ok", name)


# create
message = client.messages.create(model=MODEL, max_tokens=500, messages=[{"role": "user", "content": "Hello"}])
check("create", message.type == "message" and message.stop_reason == "end_turn" and message.content[0].text)
check("usage", message.usage.input_tokens > 0 and message.usage.output_tokens > 0, message.usage)

# models
known = client.models.retrieve(MODEL)
check("models", known.max_input_tokens == 1_000_000 and known.capabilities.thinking.types.adaptive.supported, known)
check("models in pages", [model.id for model in client.models.list(limit=1)] == [MODEL])

# stream helper: what was accumulated is what was streamed
with client.messages.stream(model=MODEL, max_tokens=500, messages=[{"role": "user", "content": "Hello"}]) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
check("stream", text == final.content[-1].text and final.stop_reason == "end_turn", text)

# count_tokens says what usage says
counted = client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "Hello"}])
check("count_tokens", counted.input_tokens == final.usage.input_tokens, (counted, final.usage))

# tools with thinking, a round trip with its signature
question = [{"role": "user", "content": "What does get_weather say about Paris?"}]
with client.messages.stream(model=MODEL, max_tokens=2000, thinking=THINK, tools=[WEATHER], messages=question) as stream:
    call = stream.get_final_message()
check("tool_use", call.stop_reason == "tool_use" and [block.type for block in call.content] == ["thinking", "tool_use"], call)
check("tool input", call.content[1].input == {"city": "Paris", "unit": "c"}, call.content[1].input)
result = {"type": "tool_result", "tool_use_id": call.content[1].id, "content": "sunny, 21"}
talk = question + [{"role": "assistant", "content": call.content}, {"role": "user", "content": [result]}]
answer = client.messages.create(model=MODEL, max_tokens=2000, thinking=THINK, tools=[WEATHER], messages=talk)
check("round trip", answer.stop_reason == "end_turn" and "sunny, 21" in answer.content[-1].text, answer)

# thinking that somebody has changed
changed = [block.model_dump() for block in call.content]
changed[0]["thinking"] += " Not quite."
try:
    client.messages.create(model=MODEL, max_tokens=2000, thinking=THINK, tools=[WEATHER], messages=question + [{"role": "assistant", "content": changed}, {"role": "user", "content": [result]}])
    check("changed thinking", False)
except anthropic.BadRequestError as error:
    check("changed thinking", "cannot be modified" in str(error), error)

# a signature that belongs to something else
try:
    other = [{"role": "user", "content": "Something else about get_weather in Paris"}] + talk[1:]
    client.messages.create(model=MODEL, max_tokens=2000, thinking=THINK, tools=[WEATHER], messages=other)
    check("signature", False)
except anthropic.BadRequestError as error:
    check("signature", "Invalid `signature`" in str(error), error)

# a call without its result, an unknown model name in the list, too little room, a wrong route
for name, kind, act in [
    ("missing result", anthropic.BadRequestError, lambda: client.messages.create(model=MODEL, max_tokens=9, tools=[WEATHER], messages=talk[:2] + [{"role": "user", "content": "go on"}])),
    ("no such model", anthropic.NotFoundError, lambda: client.models.retrieve("nothing")),
    ("no messages", anthropic.BadRequestError, lambda: client.messages.create(model=MODEL, max_tokens=9, messages=[])),
]:
    try:
        act()
        check(name, False)
    except kind as error:
        check(name, error.request_id is not None or error.body, error)

# structured output
schema = {"type": "object", "properties": {"label": {"type": "string", "enum": ["pos", "neg"]}}, "required": ["label"], "additionalProperties": False}
held = client.messages.create(
    model=MODEL, max_tokens=200, messages=[{"role": "user", "content": "It is neg"}],
    extra_body={"output_config": {"format": {"type": "json_schema", "schema": schema}}},
)
check("schema", held.content[0].text == '{"label":"neg"}', held.content)

# why the cache did not serve
told = client.messages.create(model=MODEL, max_tokens=200, system="Other rules", messages=question, extra_body={"diagnostics": {"previous_message_id": held.id}})
check("diagnostics", told.to_dict()["diagnostics"]["cache_miss_reason"]["type"] == "system_changed", told)

# the cache: written by the first, read by the second
long = [{"type": "text", "text": "rules " * 800, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
first = client.messages.create(model=MODEL, max_tokens=200, system=long, messages=question)
second = client.messages.create(model=MODEL, max_tokens=200, system=long, messages=[{"role": "user", "content": "Other words"}])
check("cache written", first.usage.cache_creation.ephemeral_1h_input_tokens > 1000, first.usage)
check("cache read", second.usage.cache_read_input_tokens == first.usage.cache_creation_input_tokens, second.usage)

# batches
requests = [
    {"custom_id": f"row-{n}", "params": {"model": MODEL, "max_tokens": 200, "messages": [{"role": "user", "content": "Hello"}]}}
    for n in range(3)
] + [{"custom_id": "broken", "params": {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}}]
batch = client.messages.batches.create(requests=requests)
check("batch", batch.processing_status == "in_progress" and batch.request_counts.processing == 4, batch)
for _ in range(200):
    batch = client.messages.batches.retrieve(batch.id)
    if batch.processing_status == "ended":
        break
    time.sleep(0.05)
results = {entry.custom_id: entry.result for entry in client.messages.batches.results(batch.id)}
check("results", sorted(results) == ["broken", "row-0", "row-1", "row-2"], results)
check("succeeded", results["row-1"].type == "succeeded" and results["row-1"].message.usage.service_tier == "batch", results["row-1"])
check("errored", results["broken"].type == "errored" and results["broken"].error.error.type == "invalid_request_error", results["broken"])
check("listed", client.messages.batches.list().data[0].id == batch.id)
stopped = client.messages.batches.cancel(client.messages.batches.create(requests=requests).id)
check("cancel", stopped.processing_status == "canceling", stopped)
check("delete", client.messages.batches.delete(batch.id).type == "message_batch_deleted")

# each status is the exception that belongs to it
hello = {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}
for status, kind in [
    (400, "BadRequestError"), (401, "AuthenticationError"), (403, "PermissionDeniedError"), (404, "NotFoundError"),
    (409, "ConflictError"), (413, "RequestTooLargeError ContentTooLargeError"), (422, "UnprocessableEntityError"), (429, "RateLimitError"),
    (500, "InternalServerError"), (503, "ServiceUnavailableError"), (529, "OverloadedError"),
]:
    try:
        faulty.messages.create(**hello)
        check(kind, False)
    except anthropic.APIStatusError as error:
        # Not every class is exported, and one changed its name between releases.
        names = {base.__name__ for base in type(error).__mro__}
        check(kind, error.status_code == status and names & set(kind.split()), repr(error))
check("retries", faulty.with_options(max_retries=2).messages.create(**hello).content[0].text == text)
try:
    with faulty.messages.stream(**hello) as stream:
        stream.until_done()
    check("error within a stream", False)
except anthropic.APIStatusError as error:
    check("error within a stream", "verloaded" in str(error), error)
try:
    with faulty.messages.stream(**hello) as stream:
        stream.until_done()
    check("broken stream", False)
except Exception as error:  # the SDK hands on what its HTTP library says
    check("broken stream", not isinstance(error, SystemExit), repr(error))
hidden = faulty.messages.create(**hello, thinking=THINK)
check("redacted", hidden.content[0].type == "redacted_thinking" and hidden.content[0].data, hidden)
talk = hello["messages"] + [{"role": "assistant", "content": hidden.content}, {"role": "user", "content": "More"}]
check("redacted comes back", client.messages.create(model=MODEL, max_tokens=500, messages=talk).content[0].text)
for name in ["drip", "junk"]:
    with faulty.messages.stream(**hello) as stream:
        check(name, stream.get_final_message().content[-1].text == text)
print("all of it")
