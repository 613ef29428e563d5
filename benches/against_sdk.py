"""CPU time of the official Python SDK's stream helper against ours, on the same bytes in one run.

    pip install anthropic            # in an environment of your own
    cargo build --release --example decode_wire
    python benches/against_sdk.py [MEGABYTES]

The bytes are an answer in deltas of a few words. The SDK reads them from memory through a transport, so that no network
is measured on either side.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import anthropic
import httpx2 as httpx

DELTA = "the column month repeats every year, "


def wire(n):
    def event(name, fields):
        return f"event: {name}\ndata: {json.dumps({'type': name, **fields}, separators=(',', ':'))}\n\n"

    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
               "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    delta = event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": DELTA}})
    return (
        event("message_start", {"message": message})
        + event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
        + delta * (n // len(delta))
        + event("content_block_stop", {"index": 0})
        + event("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 9}})
        + event("message_stop", {})
    ).encode()


class Memory(httpx.BaseTransport):
    def __init__(self, body):
        self.body = body

    def handle_request(self, request):
        pieces = (self.body[at : at + 16384] for at in range(0, len(self.body), 16384))

        class Pieces(httpx.SyncByteStream):
            def __iter__(self):
                return pieces

        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Pieces())


def theirs(body):
    client = anthropic.Anthropic(api_key="none", base_url="http://memory", http_client=httpx.Client(transport=Memory(body)))
    before = time.process_time()
    with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
        text = stream.get_final_message().content[0].text
    return time.process_time() - before, len(text)


def ours(body):
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        program = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "examples", "decode_wire")
        answer = json.loads(subprocess.run([program, file.name, "20"], check=True, capture_output=True).stdout)
    return answer["cpu_s"], answer["text"]


megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
body = wire(int(megabytes * 1e6))
(sdk, sdk_text), (own, own_text) = theirs(body), ours(body)
assert sdk_text == own_text, (sdk_text, own_text)
print(f"{len(body) / 1e6:.1f} MB: SDK {anthropic.__version__} {sdk:.3f} s, ours {own:.4f} s, {sdk / own:.0f} times less CPU")
