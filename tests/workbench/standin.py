"""The workbench's own script on a plain page, joined to a real Workbench by a small stand-in for anywidget's model."""

from __future__ import annotations

import json

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>workbench</title><style>{css}
body {{ margin: 0; padding: 12px; background: {ground}; }}</style></head>
<body data-jp-theme-light="{light}"><main id="here"></main></body></html>"""
MOUNT = """async ([code, state]) => {
  window.sent = [];
  class Model {
    constructor(state) { this.state = state; this.handlers = {}; }
    get(key) { return this.state[key]; }
    set(key, value) { this.take({ [key]: value }); }
    take(changes) {
      Object.assign(this.state, changes);
      for (const key of Object.keys(changes)) for (const handler of [...(this.handlers[`change:${key}`] || [])]) handler();
    }
    save_changes() {}
    on(event, handler) { (this.handlers[event] ??= []).push(handler); }
    off(event, handler) { this.handlers[event] = (this.handlers[event] || []).filter((h) => h !== handler); }
    // one after the other, as a kernel does
    send(message) {
      window.sent.push(message);
      this.last = (this.last ?? Promise.resolve()).then(async () => { for (const changes of await window.cxAsk(message)) this.take(changes); });
    }
  }
  const { default: widget } = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  const el = document.createElement('div');
  document.getElementById('here').replaceChildren(el);
  window.model = new Model(state);
  window.widget = widget;
  window.done = widget.render({ model: window.model, el });
}"""


class StandIn:
    """A page that shows a workbench; what it asks goes to Python, and what changes there comes back."""

    def __init__(self, page, bench, theme="light"):
        self.page, self.bench = page, bench
        self.broken = []
        page.on("pageerror", lambda e: self.broken.append(str(e)))
        page.expose_function("cxAsk", self.asked)
        self.show(bench, theme)
        self.settle()

    def show(self, bench, theme="light"):
        """Put another workbench on the page."""
        self.bench, self.changes = bench, []
        names = [name for name in bench.keys if not name.startswith("_")]
        bench.observe(lambda change: self.changes.append({change["name"]: change["new"]}), names=names)
        light = theme == "light"
        values = {"language": bench.explore.language, "css": bench._css, "light": str(light).lower()}
        self.page.set_content(PAGE.format(**values, ground="#ffffff" if light else "#0c1319"))
        state = {name: getattr(bench, name) for name in bench.trait_names(sync=True) if not name.startswith("_")}
        plain = json.loads(json.dumps({k: v for k, v in state.items() if k not in ("layout", "comm")}, default=str))
        self.page.evaluate(MOUNT, [bench._esm, plain])

    def asked(self, message):
        """Answer the page as the kernel would; long work is waited for, so that nothing has to be guessed."""
        self.changes.clear()
        self.bench.ask(message)
        self.bench.wait(60)
        return json.loads(json.dumps(self.changes, default=str))

    def settle(self):
        """Wait until everything that was asked has been answered and shown."""
        self.page.evaluate(
            "async () => { let last; do { last = window.model.last; await last; } while (last !== window.model.last); }"
        )
