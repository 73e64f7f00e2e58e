// Elements, made by hand: everything that comes from data is set as text or as an attribute, never as markup.
const NS = 'http://www.w3.org/2000/svg';
export const make = (tag, className = '', text = null, parent = null) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
export const svg = (tag, attributes = {}, parent = null) => {
  const element = document.createElementNS(NS, tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (parent) parent.append(element);
  return element;
};
export const fill = (template, values) => String(template).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
export const button = (text, className, parent, act) => {
  const element = make('button', className, text, parent);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
};
export const select = (label, options, parent) => {
  const field = make('select', '', null, parent);
  field.setAttribute('aria-label', label);
  for (const { id, label: text } of options) {
    const option = make('option', '', text, field);
    option.value = id;
  }
  return field;
};
/** What scrolls is reached by keyboard, and has a name. */
export const scroller = (label, parent, className = 'wb-scroll-x') => {
  const box = make('div', className, null, parent);
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', label);
  return box;
};

/** A row of the interval kind: a bar or points on a track from 0 to 1, with whiskers; `zero` is where nothing differs. */
export function track(parent, marks, { bar = false, zero = null } = {}) {
  const root = svg('svg', { class: 'wb-track', viewBox: '0 0 100 14', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, parent);
  const at = (v) => Math.max(0, Math.min(100, 100 * v));
  if (zero !== null) svg('line', { class: 'wb-zero', x1: at(zero), x2: at(zero), y1: 0, y2: 14 }, root);
  marks.forEach(([value, low, high], i) => {
    const y = marks.length > 1 ? 4 + 6 * i : 7;
    if (bar) svg('rect', { class: 'wb-bar', x: 0, y: 3, width: at(value), height: 8 }, root);
    svg('line', { class: `wb-span wb-side-${i}`, x1: at(low), x2: at(high), y1: y, y2: y }, root);
    if (!bar) svg('line', { class: `wb-point wb-side-${i}`, x1: at(value) - 0.01, x2: at(value), y1: y, y2: y }, root);
  });
  return root;
}

/** Contacts as a path of dots in the colours of their channels. */
export function path(steps, parent) {
  const line = make('span', 'wb-path', null, parent);
  for (const step of steps) {
    const dot = make('i', 'cx-dot', null, line);
    dot.dataset.channel = step.channel;
    dot.dataset.touchpoint = step.id;
    dot.title = step.label;
  }
  return line;
}
