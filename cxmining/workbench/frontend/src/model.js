/** What anywidget's model does, for a page that has no kernel. */
export class Model {
  constructor(state) { this.state = state; this.handlers = {}; }
  get(key) { return this.state[key]; }
  set(key, value) {
    if (this.state[key] === value) return;
    this.state[key] = value;
    for (const handler of this.handlers[`change:${key}`] || []) handler();
  }
  save_changes() {}
  on(event, handler) { (this.handlers[event] ??= []).push(handler); }
  off(event, handler) { this.handlers[event] = (this.handlers[event] || []).filter((h) => h !== handler); }
}
