// The journey map: one widget for JupyterLab (anywidget) and for the offline report.
// Everything that comes from data is set as text or as an attribute, never as markup.
import { arrange, LINE, UNDER } from './layout.js';

const NS = 'http://www.w3.org/2000/svg';
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';
const svg = (tag, attributes = {}, parent = null) => {
  const element = document.createElementNS(NS, tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (parent) parent.append(element);
  return element;
};
const html = (tag, className = '', text = null, parent = null) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
const fill = (template, values) => String(template).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
let serial = 0;

function render({ model, el }) {
  const uid = `cx${(serial += 1)}`;
  el.classList.add('cx-map');
  const bar = html('div', 'cx-bar', null, el);
  const legend = html('ul', 'cx-legend', null, bar);
  const control = html('label', 'cx-flow', null, bar);
  const controlText = html('span', '', '', control);
  const range = html('input', 'cx-range', null, control);
  Object.assign(range, { type: 'range', min: '0.3', max: '1', step: '0.01' });
  const output = html('output', '', '', control);
  const routes = html('div', 'cx-paths', null, el);
  const scroll = html('div', 'cx-scroll', null, el);
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  const note = html('p', 'cx-note', '', el);
  const live = html('p', 'cx-live', '', el);
  live.setAttribute('role', 'status');
  const detail = html('section', 'cx-detail', null, el);

  const context = document.createElement('canvas').getContext('2d');
  context.font = `600 12.5px ${FONT}`;
  const measure = (text) => context.measureText(text).width;

  let spec, plan, parts, drawnFor = -1, percent, brought = null, rest;
  const text = (key, values = {}) => fill((spec.text || {})[key] ?? key, values);
  const nodeOf = (id) => spec.nodes.find((n) => n.id === id);

  const select = (id) => {
    model.set('selected', model.get('selected') === id ? null : id);
    model.save_changes();
  };

  const pickStage = (g) => {
    model.set('stage', model.get('stage') === g.dataset.stage ? null : g.dataset.stage);
    model.save_changes();
  };
  const showStages = () => {
    for (const g of parts.root.querySelectorAll('[data-stage]')) g.setAttribute('aria-pressed', String(g.dataset.stage === model.get('stage')));
  };

  function draw() {
    spec = model.get('spec') || { nodes: [], edges: [], stages: [], text: {} };
    percent = new Intl.NumberFormat(spec.language || 'en', { style: 'percent', maximumFractionDigits: 0 });
    drawnFor = Math.round(scroll.clientWidth || 900);
    plan = arrange(spec, drawnFor, measure);
    controlText.textContent = text('flow');
    range.setAttribute('aria-label', text('flow'));
    routes.setAttribute('role', 'group');
    routes.setAttribute('aria-label', text('paths'));
    scroll.setAttribute('aria-label', text('map'));
    legend.replaceChildren();

    // What circles are coloured by: experience where there is a scale, nothing where nothing was rated; maps of an older make show channels.
    const scale = spec.scale, felt = scale !== undefined;
    if (scale) {
      const item = html('li', 'cx-scale', `${scale.label} ${scale.bad}`, null);
      for (let tone = 0; tone < 5; tone += 1) html('i', 'cx-step', null, item).dataset.tone = tone;
      item.append(scale.good);
      legend.prepend(item);
      if (spec.nodes.some((n) => n.tone === null || n.tone === undefined)) {
        const none = html('li', '', null, legend);
        html('i', 'cx-dot cx-unrated', null, none);
        none.append(text('unrated'));
      }
    }
    const channels = felt && (spec.channels || []).every((c) => c.id === 'other') ? [] : spec.channels || [];
    for (const channel of channels) {
      const item = html('li', '', null, legend);
      html('i', 'cx-dot', null, item).dataset.channel = channel.id;
      item.append(channel.label);
    }
    html('li', 'cx-hint', text('hint'), legend);
    drawPaths();

    const root = svg('svg', { viewBox: `0 0 ${plan.width} ${plan.height}`, width: plan.width, height: plan.height, role: 'group', 'aria-label': text('map'), 'font-family': FONT });
    parts = { edges: [], nodes: new Map(), root };
    plan.heads.forEach((h, i) => {
      const g = svg('g', { class: 'cx-stage' }, root);
      const { x } = h, w = h.width - 4, y = 6, H = h.tall, p = 12, mid = x + w / 2 + (i ? 3 : -2);
      if (h.stage.id && model.get('stage') !== undefined) { // where stages can be chosen
        Object.entries({ role: 'button', tabindex: 0, 'data-stage': h.stage.id, 'aria-pressed': 'false', 'aria-label': [h.stage.label, h.stage.caption].filter(Boolean).join(', ') }).forEach(([k, v]) => g.setAttribute(k, v));
      }
      if (i % 2) svg('rect', { class: 'cx-lane', x: x - 2, y: 0, width: h.width, height: plan.height }, g);
      const notch = i ? `L${x + p},${y + H / 2}` : '';
      svg('path', { class: h.stage.id ? 'cx-chevron' : 'cx-chevron cx-nostage', d: `M${x},${y}L${x + w - p},${y}L${x + w},${y + H / 2}L${x + w - p},${y + H}L${x},${y + H}${notch}Z` }, g);
      const rows = [...h.name.map((line) => ['cx-stage-name', line, 16]), ...h.caption.map((line) => ['cx-stage-caption', line, 13])];
      let down = y + (H - rows.reduce((sum, [,, step]) => sum + step, 0)) / 2 - 3.5;
      for (const [name, line, step] of rows) svg('text', { x: mid, y: (down += step), class: name }, g).textContent = line;
      svg('title', {}, g).textContent = [h.stage.label, h.stage.caption].filter(Boolean).join(', ');
    });

    const lines = svg('g', { class: 'cx-edges' }, root);
    // lines that a page left out to stay small are still part of the whole
    rest = spec.rest || { n: 0, v: 0 };
    const total = plan.routes.reduce((s, r) => s + r.edge.v, rest.v) || 1;
    const top = Math.max(1, ...plan.routes.map((r) => r.edge.v));
    const order = [...plan.routes].sort((p, q) => q.edge.v - p.edge.v || (p.edge.s + '\u0000' + p.edge.t < q.edge.s + '\u0000' + q.edge.t ? -1 : 1));
    let passed = 0;
    for (const r of order) {
      const g = svg('g', { class: 'cx-edge' });
      const w = r.kind === 'self' ? 1 + 3 * (r.edge.v / top) : 1 + 8 * (r.edge.v / top);
      svg('path', { class: 'cx-hit', d: r.path }, g);
      const kind = `cx-line${r.edge.back ? ' cx-back' : ''}${r.edge.switch || (r.edge.back && !felt) ? ' cx-dashed' : ''}`;
      svg('path', { class: kind, d: r.path, 'stroke-width': Math.round(w * 10) / 10 }, g);
      if (r.tip) {
        const s = 3.5 + w * 0.55, { x, y, side } = r.tip;
        svg('path', { class: 'cx-tip', d: `M${x - side * 5},${y}L${x + side * (s * 1.5 - 5)},${y - s}L${x + side * (s * 1.5 - 5)},${y + s}Z` }, g);
      }
      if (r.down) {
        const s = Math.min(6, 3 + w * 0.4), [x, y] = r.down;
        svg('path', { class: 'cx-tip', d: `M${x},${y + 2}L${x - s - 1},${y - s}L${x + s - 1},${y - s - 1}Z` }, g);
      }
      svg('title', {}, g).textContent = r.edge.title || '';
      const on = (spec.paths || []).filter((p) => p.edges.some(([a, b]) => a === r.edge.s && b === r.edge.t));
      on.forEach((p, i) => svg('path', { class: 'cx-strand', 'data-path': p.id, d: r.path, transform: `translate(${(i - (on.length - 1) / 2) * 4} ${(i - (on.length - 1) / 2) * 4})` }, g));
      parts.edges.push({ r, g, before: passed / total, on: on.length > 0 });
      passed += r.edge.v;
    }
    // thin lines above thick ones, so that none disappears
    for (const e of parts.edges) lines.append(e.g);

    const ids = spec.nodes.map((n) => n.id).sort((p, q) => plan.at.get(p).column - plan.at.get(q).column || plan.at.get(p).row - plan.at.get(q).row);
    const layer = svg('g', {}, root);
    for (const id of ids) {
      const node = nodeOf(id), at = plan.at.get(id);
      const g = svg('g', { class: 'cx-node', role: 'button', tabindex: -1, 'data-id': id, 'data-channel': node.channel || 'other', 'data-tone': felt ? node.tone ?? (scale ? 'none' : 'plain') : '', 'aria-label': node.aria || node.label, 'aria-pressed': 'false' }, layer);
      svg('rect', { class: 'cx-ring', x: at.x - plan.labelWidth / 2 - 4, y: at.y - 31, width: plan.labelWidth + 8, height: 31 + UNDER + 12 + at.lines.length * LINE + LINE, rx: 10 }, g);
      svg('circle', { class: 'cx-circle', cx: at.x, cy: at.y, r: at.r }, g);
      if (node.starts) svg('path', { class: 'cx-mark', d: `M${at.x - at.r - 11},${at.y - at.r + 1}l8,5l-8,5Z` }, g);
      if (node.ends) svg('rect', { class: 'cx-mark', x: at.x + at.r + 2, y: at.y - at.r + 2, width: 8, height: 8 }, g);
      svg('text', { class: 'cx-badge', x: at.x, y: at.y + (felt ? 2 : 4) }, g).textContent = scale ? node.score : node.badge;
      const label = svg('text', { class: 'cx-label', x: at.x, y: at.y + UNDER + LINE }, g);
      at.lines.forEach((line, i) => { svg('tspan', { x: at.x, dy: i ? LINE : 0 }, label).textContent = line; });
      const small = felt ? node.small : node.channel_label;
      if (small) svg('text', { class: 'cx-channel', x: at.x, y: at.y + UNDER + LINE * (at.lines.length + 1) }, g).textContent = small;
      if (felt && channels.length) {
        const w = context.measureText(node.channel_label).width * 0.88 + 14, y = at.y + at.r - 8;
        svg('rect', { class: 'cx-plate', x: at.x - w / 2, y, width: w, height: 16, rx: 8, 'data-channel': node.channel || 'other' }, g);
        svg('text', { class: 'cx-plate-name', x: at.x, y: y + 12 }, g).textContent = node.channel_label;
      }
      (spec.paths || []).forEach((p, i) => {
        const steps = p.nodes.flatMap((step, k) => (step === id ? [k + 1] : []));
        if (steps.length) tag(g, at.x + (i ? 12 + (i - 1) * 26 : -12), at.y - at.r - 4, p.label[0] + steps.join('·'), p.id, i ? 1 : -1);
      });
      svg('title', {}, g).textContent = node.title || node.label;
      parts.nodes.set(id, { g, node, at });
    }
    parts.chips = svg('g', { class: 'cx-chips', 'aria-hidden': 'true' }, root);
    parts.ids = ids;
    scroll.replaceChildren(root);

    root.addEventListener('click', (event) => {
      const g = event.target.closest('.cx-node'), stage = event.target.closest('[data-stage]');
      if (g) select(g.dataset.id);
      else if (stage) pickStage(stage);
    });
    root.addEventListener('keydown', (event) => {
      const g = event.target.closest('.cx-node'), stage = event.target.closest('[data-stage]');
      if (stage && ['Enter', ' '].includes(event.key)) { event.preventDefault(); pickStage(stage); }
      if (!g) return;
      const here = plan.at.get(g.dataset.id);
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === 'Enter' || event.key === ' ') select(g.dataset.id);
      else if (event.key === 'Escape') { if (model.get('way')) model.set('way', null); model.set('selected', null); model.save_changes(); }
      else if (move) {
        let best = null, least = Infinity;
        for (const id of ids) {
          const p = plan.at.get(id), along = (p.column - here.column) * move[0] + (p.row - here.row) * move[1];
          const aside = Math.abs((p.column - here.column) * move[1]) + Math.abs((p.row - here.row) * move[0]);
          if (along > 0 && along + 3 * aside < least) { least = along + 3 * aside; best = id; }
        }
        if (best !== null) focusOn(best);
      } else return;
      event.preventDefault();
    });
    const preview = (event) => {
      const g = event.target.closest('.cx-node');
      if (g) mark(g.dataset.id);
    };
    root.addEventListener('focusin', preview);
    root.addEventListener('focusout', () => mark(model.get('selected')));
    for (const { g } of parts.edges) {
      g.addEventListener('pointerenter', () => { g.classList.add('cx-hot'); edgeChip(g); });
      g.addEventListener('pointerleave', () => { g.classList.remove('cx-hot'); mark(model.get('selected')); });
    }
    showStages();
    flow();
    show();
  }

  const tag = (parent, x, y, words, path, side) => {
    const w = context.measureText(words).width * 0.92 + 8, left = side < 0 ? x - w : x;
    const g = svg('g', { class: 'cx-tag', 'data-path': path }, parent);
    svg('rect', { x: left, y: y - 9, width: w, height: 16, rx: 4 }, g);
    svg('text', { x: left + w / 2, y: y + 3 }, g).textContent = words;
  };

  /** A button for each path: it brings the path out, and below stands who walks it. */
  function drawPaths() {
    routes.replaceChildren();
    const paths = spec.paths || [];
    routes.hidden = !paths.length;
    if (brought !== null && !paths.some((p) => p.id === brought && p.edges.length)) brought = null;
    for (const path of paths) {
      const button = html('button', 'cx-path', path.label, routes);
      Object.assign(button, { type: 'button', disabled: !path.edges.length, title: path.told });
      button.dataset.path = path.id;
      button.setAttribute('aria-pressed', String(brought === path.id));
      button.addEventListener('click', () => { brought = brought === path.id ? null : path.id; showPath(); });
    }
    if (paths.length) html('p', 'cx-told', '', routes);
    showPath();
  }

  function showPath() {
    el.dataset.path = brought ?? '';
    for (const button of routes.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.path === brought));
    const said = routes.querySelector('.cx-told'), path = (spec.paths || []).find((p) => p.id === brought);
    // what cannot be brought out is said at once
    if (said) said.textContent = path ? path.told : [...(spec.paths || []).filter((p) => !p.edges.length).map((p) => p.told), spec.text?.unscored].filter(Boolean).join('. ');
  }

  const focusOn = (id) => {
    for (const [other, part] of parts.nodes) part.g.setAttribute('tabindex', other === id ? 0 : -1);
    parts.nodes.get(id).g.focus();
  };

  const visible = () => parts.edges.filter((e) => e.shown);

  /** Whether a line is a step of the way that was chosen among the ways: touchpoints in their order, or nothing. */
  const onWay = (e) => (model.get('way') || []).some((id, i, way) => i && way[i - 1] === e.r.edge.s && id === e.r.edge.t);

  function flow() {
    const share = Number(model.get('flow') ?? 0.8);
    range.value = String(share);
    output.textContent = percent.format(share);
    range.setAttribute('aria-valuetext', percent.format(share));
    for (const e of parts.edges) {
      e.shown = e.before < share - 1e-9 || e.on || onWay(e);
      e.g.style.display = e.shown ? '' : 'none';
    }
    const all = parts.edges.reduce((sum, e) => sum + e.r.edge.v, rest.v), drawn = visible().reduce((sum, e) => sum + e.r.edge.v, 0);
    // 99.7% is not all
    const every = parts.edges.length + rest.n;
    const part = visible().length === every ? 1 : Math.min(0.99, drawn / all);
    note.textContent = text(spec.hidden ? 'shown_hidden' : 'shown', { shown: visible().length, all: every, hidden: spec.hidden, share: percent.format(part) });
  }

  const chip = (x, y, words, className = '') => {
    const w = context.measureText(words).width * 0.92 + 10;
    const left = Math.min(Math.max(2, x - w / 2), plan.width - w - 2);
    const g = svg('g', { class: `cx-chip ${className}` }, parts.chips);
    svg('rect', { x: left, y: y - 9, width: w, height: 17, rx: 8 }, g);
    svg('text', { x: left + w / 2, y: y + 4 }, g).textContent = words;
  };
  const edgeChip = (g) => {
    const e = parts.edges.find((o) => o.g === g);
    parts.chips.replaceChildren();
    chip(...e.r.mid, e.r.edge.label);
  };

  /** Bring out one touchpoint and the lines that touch it, each with n and median time at its far end. */
  function mark(id) {
    // a way that is chosen stays lit, but for a moment where somebody looks at another touchpoint
    const way = !id || id === model.get('selected') ? model.get('way') || [] : [];
    const on = id && parts.nodes.has(id) && !way.length;
    el.classList.toggle('cx-wayed', Boolean(way.length));
    const near = new Set(on ? [id] : []);
    parts.chips.replaceChildren();
    for (const e of parts.edges) {
      const { s, t } = e.r.edge, mine = on && (s === id || t === id);
      e.g.classList.toggle('cx-on', Boolean(mine));
      e.g.classList.toggle('cx-off', Boolean(on && !mine));
      if (!mine || !e.shown) continue;
      near.add(s).add(t);
      const other = plan.at.get(s === id ? t : s);
      const up = s === t ? -1 : s === id ? -1 : 1;
      chip(other.x, other.y - other.r - (up < 0 ? 21 : 3) - (s === t ? 8 : 0), (s === t ? '↻ ' : s === id ? '→ ' : '← ') + e.r.edge.label, up < 0 ? 'cx-out' : 'cx-in');
    }
    if (way.length) {
      for (const e of parts.edges) {
        e.g.classList.toggle('cx-on', onWay(e));
        e.g.classList.toggle('cx-off', !onWay(e));
      }
      for (const id of new Set(way)) {
        near.add(id);
        const at = plan.at.get(id), steps = way.flatMap((step, k) => (step === id ? [k + 1] : []));
        if (at) tag(parts.chips, at.x - 12, at.y - at.r - 4, steps.join('·'), 'way', -1);
      }
    }
    for (const [other, part] of parts.nodes) part.g.classList.toggle('cx-off', Boolean((on || way.length) && !near.has(other)));
  }

  function show() {
    const id = model.get('selected'), chosen = id && parts.nodes.has(id) ? id : null;
    for (const [other, part] of parts.nodes) {
      part.g.classList.toggle('cx-selected', other === chosen);
      part.g.setAttribute('aria-pressed', String(other === chosen));
      part.g.setAttribute('tabindex', other === (chosen ?? parts.ids[0]) ? 0 : -1);
    }
    mark(chosen);
    detail.replaceChildren();
    detail.hidden = !chosen;
    if (chosen) {
      const node = nodeOf(chosen);
      const header = html('div', 'cx-detail-head', null, detail);
      html('h4', '', node.label, header).setAttribute('aria-level', '3');
      const close = html('button', 'cx-close', text('clear'), header);
      close.type = 'button';
      close.addEventListener('click', () => select(chosen));
      const grid = html('dl', 'cx-facts', null, detail);
      for (const [name, value, more] of node.facts || []) {
        const cell = html('div', '', null, grid);
        html('dt', '', name, cell);
        html('dd', '', value, cell);
        if (more) html('dd', 'cx-more', more, cell);
      }
      const ways = html('div', 'cx-ways', null, detail);
      for (const [key, far, own] of [['from', 's', 't'], ['to', 't', 's']]) {
        const list = parts.edges.filter((e) => e.r.edge[own] === chosen).slice(0, 5);
        const box = html('div', '', null, ways);
        html('h5', '', text(key), box).setAttribute('aria-level', '4');
        const ul = html('ol', '', null, box);
        for (const e of list) {
          const li = html('li', '', null, ul);
          html('span', '', nodeOf(e.r.edge[far]).label, li);
          html('span', 'cx-num', e.r.edge.label, li);
        }
        if (!list.length) html('p', 'cx-note', text('nothing'), box);
      }
    }
    const edges = visible().filter((e) => e.r.edge.s === chosen || e.r.edge.t === chosen).length;
    live.textContent = `${note.textContent} ${chosen ? text('selected', { label: nodeOf(chosen).label, edges }) : ''}`;
  }

  range.addEventListener('input', () => { model.set('flow', Number(range.value)); model.save_changes(); });
  const onFlow = () => { flow(); show(); };
  model.on('change:spec', draw);
  model.on('change:flow', onFlow);
  model.on('change:stage', showStages);
  model.on('change:selected', show);
  model.on('change:way', onFlow);
  draw();
  const observer = new ResizeObserver(() => {
    if (Math.abs((scroll.clientWidth || drawnFor) - drawnFor) > 24 && !matchMedia('print').matches) draw();
  });
  observer.observe(scroll);
  return () => {
    observer.disconnect();
    model.off('change:spec', draw);
    model.off('change:flow', onFlow);
    model.off('change:stage', showStages);
    model.off('change:selected', show);
    model.off('change:way', onFlow);
  };
}

export default { render };
