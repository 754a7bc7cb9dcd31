"""Renders the same with Python's Jinja2, which models are trained and served with, set up as Hugging Face sets it up for chat templates.

Writes python.json (where it differs from javascript.json) and snippets.golden.json (single constructs), and provenance.json. Run it after make.mjs.
"""
import datetime
import hashlib
import json
import platform

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    """The tag that marks what the model said; it writes its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_written"), [], [], body).set_lineno(line)

    def _written(self, caller):
        return caller()


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def lines(rows):
    """One row a line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def shorten(text):
    if text is None:
        return None
    # JavaScript's length: UTF-16 units.
    length = len(text.encode("utf-16-le")) // 2
    return text if length <= 200 and not text.startswith("#") else "#" + hashlib.sha256(text.encode()).hexdigest()[:16]


source = read("templates.json")
environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: datetime.datetime(**source["date"]).strftime(form)


def render(template, given):
    try:
        return environment.from_string(template).render(**given)
    except Exception:
        return None


conversations = read("conversations.json")
golden = {}
for entry in source["templates"]:
    tokens = {name: entry[name] for name in ("bos_token", "eos_token") if name in entry}
    golden[entry["name"]] = [
        shorten(render(entry["template"], {"tools": None, "documents": None, **tokens, "messages": c["messages"],
                                   "add_generation_prompt": c["add_generation_prompt"], **c["variables"]}))
        for c in conversations
    ]

javascript = read("javascript.json")
differences = {}
for name, rows in golden.items():
    for conversation, ours, theirs in zip(conversations, rows, javascript[name]):
        if ours != theirs and not conversation["add_generation_prompt"]:
            differences.setdefault(conversation["name"], []).append(name)
write("python.json", json.dumps({
    name: {i: ours for i, (ours, theirs) in enumerate(zip(rows, javascript[name])) if ours != theirs} for name, rows in golden.items()
}, ensure_ascii=False, indent=1))

snippets = read("snippets.json")
write("snippets.golden.json", lines(render(s, {"messages": snippets["messages"], "data": snippets["data"]}) for s in snippets["templates"]))

with open("provenance.json", "w", encoding="utf-8") as file:
    json.dump({
        "what": "conversations.json rendered by each template of templates.json: javascript.json, and python.json by place where Python differs; single constructs "
                "(snippets.json) by Python alone. Long renderings as '#' and the beginning of their SHA-256, refused ones as null",
        "templates": "npm @huggingface/ollama-utils 0.0.18 (MIT), which takes them from the models' files; each with its model's licence",
        "made_with": {"javascript": "npm @huggingface/jinja 0.5.11", "python": f"jinja2 {jinja2.__version__}, Python {platform.python_version()}"},
        "command": "npm install --no-save --no-package-lock @huggingface/jinja@0.5.11 @huggingface/ollama-utils@0.0.18 "
                   "&& node make.mjs && python3 make.py",
        "renderings": sum(len(rows) for rows in golden.values()),
        "same_in_both": sum(a == b for name in golden for a, b in zip(golden[name], javascript[name])),
        "differences_without_generation_prompt": {name: " ".join(models) for name, models in differences.items()},
    }, file, ensure_ascii=False, indent=2)
    file.write("\n")
