// The workbench in JupyterLab: filters, chips, the linked views and what decides, one anywidget.
// Python keeps the state and writes every figure out; this shows it and sends back what was asked for.
// Everything that comes from data is set as text or as an attribute, never as markup.
import map from './journeymap.js';
import { Model } from './model.js';

const NS = 'http://www.w3.org/2000/svg';
const make = (tag, className = '', text = null, parent = null) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
const svg = (tag, attributes = {}, parent = null) => {
  const element = document.createElementNS(NS, tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (parent) parent.append(element);
  return element;
};
const fill = (template, values) => String(template).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
const button = (text, className, parent, act) => {
  const element = make('button', className, text, parent);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
};

/** A row of the interval kind: a bar or a point on a track from 0 to 1, with its whiskers. */
function track(parent, marks, bar = false) {
  const root = svg('svg', { class: 'wb-track', viewBox: '0 0 100 14', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, parent);
  const at = (v) => Math.max(0, Math.min(100, 100 * v));
  marks.forEach(([value, low, high], i) => {
    const y = marks.length > 1 ? 4 + 6 * i : 7;
    if (bar) svg('rect', { class: 'wb-bar', x: 0, y: 3, width: at(value), height: 8 }, root);
    svg('line', { class: `wb-span wb-side-${i}`, x1: at(low), x2: at(high), y1: y, y2: y }, root);
    if (!bar) svg('line', { class: `wb-point wb-side-${i}`, x1: at(value) - 0.01, x2: at(value), y1: y, y2: y }, root);
  });
}

function render({ model, el }) {
  const base = model.get('base');
  const t = (key, values = {}) => fill(base.text[key] ?? key, values);
  const undoers = [];
  const listen = (event, act) => { model.on(event, act); undoers.push(() => model.off(event, act)); };
  el.classList.add('wb');
  el.lang = base.language;
  // JupyterLab takes arrows for its cells, and two strokes of d for deleting one: not while somebody is in here.
  el.dataset.lmSuppressShortcuts = 'true';
  el.addEventListener('keydown', (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });
  const view = () => model.get('view');
  let waiting = 0;
  const ask = (message) => {
    try { model.send({ ...message }); } catch { return void (error.textContent = t('no_kernel')); }
    if (['again', 'compare', 'what_if', 'stop'].includes(message.do)) return; // these show their own progress
    clearTimeout(waiting);
    waiting = setTimeout(() => { el.classList.add('wb-late'); }, 400);
  };

  // --- the notebook keeps the state in its metadata, and who opens it later goes on from there
  const notebook = model.widget_manager?.context?.model;
  const shelf = 'cxmining_workbench';
  const keep = () => {
    if (!notebook?.setMetadata) return;
    notebook.setMetadata(shelf, { ...(notebook.getMetadata(shelf) || {}), [base.key]: model.get('state') });
  };
  const kept = notebook?.getMetadata?.(shelf)?.[base.key];
  if (kept && base.fresh && JSON.stringify(model.get('state')) === JSON.stringify(base.fresh) && JSON.stringify(kept) !== JSON.stringify(base.fresh)) ask({ do: 'restore', state: kept });
  listen('change:state', keep);

  // --- head: chips, what can be done, counts
  const head = make('div', 'wb-head', null, el);
  const chips = make('ul', 'wb-chips', null, head);
  chips.setAttribute('aria-label', t('filters'));
  const tools = make('div', 'wb-tools', null, head);
  const doers = {};
  const tool = (key, act) => { doers[key] = button(t(key), 'wb-tool', tools, act); };
  tool('undo', () => ask({ do: 'undo' }));
  tool('redo', () => ask({ do: 'redo' }));
  tool('clear', () => ask({ do: 'clear' }));
  tool('copy', async () => {
    showCode(true);
    codeBox.select();
    try { await navigator.clipboard.writeText(codeBox.value); doers.copy.textContent = t('copied'); } catch { document.execCommand('copy'); }
    setTimeout(() => { doers.copy.textContent = t('copy'); }, 1500);
  });
  tool('save_a', () => ask({ do: 'save', name: 'A' }));
  tool('save_b', () => ask({ do: 'save', name: 'B' }));
  tool('open_a', () => ask({ do: 'open', name: 'A' }));
  tool('open_b', () => ask({ do: 'open', name: 'B' }));
  tool('compare', () => { compareBox.hidden = !compareBox.hidden; drawPair(); if (!compareBox.hidden) compareBox.scrollIntoView({ block: 'nearest' }); });
  const counts = make('p', 'wb-counts', null, head);
  counts.setAttribute('role', 'status');
  const code = make('div', 'wb-code', null, el);
  code.hidden = true;
  const codeLabel = make('label', '', null, code);
  make('span', '', t('paste'), codeLabel);
  const codeBox = make('textarea', '', null, codeLabel);
  codeBox.rows = 2;
  codeBox.spellcheck = false;
  button(t('apply'), 'wb-tool', code, () => ask({ do: 'paste', code: codeBox.value }));
  const showCode = (on) => { code.hidden = !on; codeBox.value = view().code; };
  const job = make('div', 'wb-job', null, el);
  job.hidden = true;
  const bar = make('progress', '', null, job);
  const jobText = make('span', '', '', job);
  button(t('stop'), 'wb-tool', job, () => ask({ do: 'stop' }));
  const error = make('p', 'wb-error', '', el);
  error.setAttribute('role', 'alert');

  // --- the board
  const board = make('div', 'wb-board', null, el);
  const side = make('form', 'wb-side wb-panel', null, board);
  side.setAttribute('aria-label', t('filters'));
  side.addEventListener('submit', (event) => event.preventDefault());
  const panel = (name, key, parent = board) => {
    const box = make('section', `wb-panel wb-${name}`, null, parent);
    const title = make('h3', '', t(key), box);
    title.id = `wb-${name}-${Math.random().toString(36).slice(2, 8)}`;
    box.setAttribute('aria-labelledby', title.id);
    return make('div', 'wb-body', null, box);
  };
  const mapBox = panel('map', 'map_head');
  const curveBox = panel('curve', 'curve_head');
  const right = make('div', 'wb-right', null, board);
  const paretoBox = panel('pareto', 'pareto_head', right);
  const detailBox = panel('detail', 'detail_head', right);
  const variantBox = panel('variants', 'variants_head');
  const compareBox = make('section', 'wb-panel wb-compare', null, board);
  compareBox.hidden = true;
  const foot = make('p', 'wb-foot', '', el);

  // --- filters
  const controls = {};
  const group = (name) => {
    const box = make('fieldset', 'wb-group', null, side);
    make('legend', '', name, box);
    return box;
  };
  const input = (box, label, attributes) => {
    const holder = make('label', 'wb-field', null, box);
    make('span', '', label, holder);
    const field = make('input', '', null, holder);
    Object.assign(field, attributes);
    return field;
  };
  const put = (facet, values) => ask({ do: 'put', facet, values });
  {
    const box = group(t('period'));
    const from = input(box, t('from'), { type: 'date', min: base.first, max: base.last });
    const until = input(box, t('until'), { type: 'date', min: base.first, max: base.last });
    for (const field of [from, until]) field.addEventListener('change', () => put('period', [from.value, until.value]));
    controls.period = (v = []) => { from.value = v[0] ?? ''; until.value = v[1] ?? ''; };
  }
  for (const { facet, name, values } of base.choices) {
    const box = group(name);
    box.dataset.facet = facet;
    const fields = values.map(({ id, label }) => {
      const holder = make('label', 'wb-tick', null, box);
      const field = make('input', '', null, holder);
      field.type = 'checkbox';
      field.value = id;
      make('span', '', label, holder);
      return field;
    });
    const send = () => put(facet, fields.filter((f) => f.checked).map((f) => f.value));
    for (const field of fields) field.addEventListener('change', send);
    controls[facet] = (v) => { for (const field of fields) field.checked = Boolean(v?.includes(field.value)); };
  }
  {
    const box = group(t('touchpoint'));
    const select = (label, options, parent) => {
      const field = make('select', '', null, parent);
      field.setAttribute('aria-label', label);
      for (const { id, label: text } of options) {
        const option = make('option', '', text, field);
        option.value = id;
      }
      return field;
    };
    const how = select(t('touchpoint'), ['contains', 'starts', 'ends', 'followed'].map((k) => ({ id: k, label: t(`step_${k}`) })), box);
    how.classList.add('wb-how');
    const first = select(t('touchpoint'), base.touchpoints, box);
    first.classList.add('wb-first');
    const then = select(t('then'), base.touchpoints, box);
    then.hidden = true;
    how.addEventListener('change', () => { then.hidden = how.value !== 'followed'; });
    button(t('add'), 'wb-tool wb-add', box, () => ask({ do: 'put', facet: 'step', values: [how.value, first.value, then.value] }));
  }
  {
    const box = group(t('lasts'));
    const least = input(box, t('days_least'), { type: 'number', min: '0', step: 'any' });
    const most = input(box, t('days_most'), { type: 'number', min: '0', step: 'any' });
    for (const field of [least, most]) field.addEventListener('change', () => put('duration', [least.value, most.value]));
    controls.duration = (v = []) => { least.value = v[0] ?? ''; most.value = v[1] ?? ''; };
  }
  {
    const box = group(t('coverage'));
    const range = input(box, '', { type: 'range', min: '0.5', max: '1', step: '0.05' });
    range.setAttribute('aria-label', t('coverage'));
    const said = make('output', '', '', box);
    const percent = new Intl.NumberFormat(base.language, { style: 'percent' });
    const tell = () => { said.textContent = percent.format(range.value); };
    range.addEventListener('input', tell);
    range.addEventListener('change', () => put('coverage', [Number(range.value)]));
    controls.coverage = (v) => { range.value = String(v ? v[0] : 1); tell(); };
  }

  // --- the map: the same one as in the report, with a selection of its own that follows
  const known = new Set(base.touchpoints.map((p) => p.id));
  let local = null, unmount = null;
  function drawMap() {
    const { map: spec } = view();
    mapBox.hidden = !spec;
    if (!spec) return;
    if (local) { local.set('spec', spec); return; }
    local = new Model({ spec, selected: chosen(), flow: spec.flow });
    unmount = map.render({ model: local, el: make('div', '', null, mapBox) });
    local.on('change:selected', () => {
      const id = local.get('selected');
      if (id !== chosen() && (id === null || known.has(id))) pick('touchpoint', id);
    });
  }
  const stageOf = (head) => view().map.stages[[...mapBox.querySelectorAll('.cx-stage')].indexOf(head)]?.id ?? '';
  const chosen = () => (view().kind === 'touchpoint' ? view().selected : null);
  const pick = (kind, name) => ask({ do: 'select', kind, name: view().kind === kind && view().selected === name ? '' : name ?? '' });

  /** What stands out in every view: the touchpoint itself, those of the stage, or those of the variant. */
  function bright() {
    const { kind, selected, stages, variants = [] } = view();
    if (kind === 'touchpoint') return new Set([selected]);
    if (kind === 'stage') return new Set(stages[selected] || []);
    if (kind === 'variant') return new Set((variants.find((v) => v.id === selected)?.steps || []).map((s) => s.id));
    return null;
  }
  function mark() {
    const on = bright();
    for (const item of el.querySelectorAll('[data-touchpoint]')) {
      const mine = on?.has(item.dataset.touchpoint) ?? false;
      item.classList.toggle('wb-on', mine);
      item.classList.toggle('wb-off', Boolean(on) && !mine);
      if (item.tagName === 'BUTTON') item.setAttribute('aria-pressed', String(mine && view().kind === 'touchpoint'));
    }
    for (const item of variantBox.querySelectorAll('[data-variant]')) item.setAttribute('aria-pressed', String(view().kind === 'variant' && view().selected === item.dataset.variant));
    for (const node of mapBox.querySelectorAll('.cx-node')) node.classList.toggle('wb-lit', Boolean(on?.has(node.dataset.id)) && view().kind !== 'touchpoint');
    for (const head of mapBox.querySelectorAll('.cx-stage')) head.classList.toggle('wb-lit', view().kind === 'stage' && stageOf(head) === view().selected);
    if (local && local.get('selected') !== chosen()) local.set('selected', chosen());
  }

  function drawChips() {
    const here = document.activeElement?.closest?.('.wb-chip')?.dataset.at;
    chips.replaceChildren();
    view().chips.forEach((chip, i) => {
      const item = make('li', '', null, chips);
      const own = button(null, 'wb-chip', item, () => ask({ do: 'drop', code: chip.code }));
      own.dataset.at = String(i);
      own.title = chip.code;
      own.setAttribute('aria-label', t('remove', { label: chip.label }));
      make('span', '', chip.label, own);
      make('span', 'wb-x', '✕', own).setAttribute('aria-hidden', 'true');
      own.addEventListener('keydown', (event) => {
        if (event.key === 'Delete' || event.key === 'Backspace') { event.preventDefault(); own.click(); }
      });
    });
    if (!view().chips.length) make('li', 'wb-none', t('any'), chips);
    if (here !== undefined) (chips.querySelector(`[data-at="${Math.min(Number(here), view().chips.length - 1)}"]`) ?? doers.undo).focus();
  }

  function drawHead() {
    const v = view();
    drawChips();
    counts.replaceChildren();
    for (const line of v.headline) make('span', '', line, counts);
    doers.undo.disabled = !v.undo;
    doers.redo.disabled = !v.redo;
    doers.clear.disabled = !v.chips.length && !v.kind;
    doers.open_a.disabled = !v.saved.A;
    doers.open_b.disabled = !v.saved.B;
    doers.compare.disabled = !(v.saved.A && v.saved.B);
    for (const key in controls) controls[key](v.ticked[key]);
    if (document.activeElement !== codeBox) codeBox.value = v.code;
    foot.textContent = v.foot;
  }

  function drawCurve() {
    const { curve } = view();
    curveBox.replaceChildren();
    if (!curve) { make('p', 'wb-note', t('curve_none'), curveBox); return; }
    const H = 170, top = 14, bottom = 14;
    const y = (v) => top + (H - top - bottom) * (1 - (v - curve.low) / (curve.high - curve.low));
    const legend = make('p', 'wb-note wb-legend', null, curveBox);
    for (const part of [curve.metric, t('score_key'), t('expected_key'), t('wow_key')]) make('span', '', part, legend);
    const scroll = make('div', 'wb-scroll', null, curveBox);
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'group');
    scroll.setAttribute('aria-label', t('curve_head'));
    const axis = make('div', 'wb-axis', null, scroll);
    const ticks = [curve.low, (curve.low + curve.high) / 2, curve.high];
    const ruler = svg('svg', { width: 30, height: H, 'aria-hidden': 'true' }, axis);
    for (const tick of ticks) svg('text', { x: 26, y: y(tick) + 4, 'text-anchor': 'end' }, ruler).textContent = new Intl.NumberFormat(base.language).format(tick);
    for (const c of curve.columns) {
      const column = button(null, 'wb-col', scroll, () => pick('touchpoint', c.id));
      column.dataset.touchpoint = c.id;
      column.setAttribute('aria-label', [c.name, c.said, ...c.more, c.gap].filter(Boolean).join(', '));
      const root = svg('svg', { viewBox: `0 0 100 ${H}`, width: '100%', height: H, 'aria-hidden': 'true' }, column);
      for (const tick of ticks) svg('line', { class: 'wb-grid', x1: -200, x2: 300, y1: y(tick), y2: y(tick) }, root);
      if (c.expected) {
        const e = y(c.expected[0]);
        svg('path', { class: 'wb-expected', d: `M50,${e - 6}L56,${e}L50,${e + 6}L44,${e}Z` }, root);
      }
      if (c.score) {
        const [mean, low, high] = c.score;
        svg('line', { class: 'wb-whisker', x1: 50, x2: 50, y1: y(low), y2: y(high) }, root);
        svg('circle', { class: 'wb-dot', cx: 50, cy: y(mean), r: 5 }, root);
        svg('text', { class: 'wb-value', x: 60, y: y(mean) + 4 }, root).textContent = c.said;
      } else svg('text', { class: 'wb-value', x: 50, y: H / 2, 'text-anchor': 'middle' }, root).textContent = c.said;
      make('span', 'wb-col-name', c.label, column);
      for (const line of c.more) make('span', 'wb-small', line, column);
      const moments = make('span', 'wb-moments', null, column);
      if (c.wow) make('span', 'wb-wow', `▲ ${c.wow}`, moments);
      if (c.pain) make('span', 'wb-pain', `▼ ${c.pain}`, moments);
    }
  }

  function drawPareto() {
    const found = view().decides;
    paretoBox.replaceChildren();
    const section = paretoBox.parentElement;
    section.classList.toggle('wb-empty', !base.decides);
    if (!found) { make('p', 'wb-note', base.decides ? '…' : t('none_selected'), paretoBox); section.hidden = !base.decides; return; }
    make('p', 'wb-note', t('share_key'), paretoBox);
    const list = make('div', 'wb-rows', null, paretoBox);
    for (const r of found.rows) {
      const row = button(null, 'wb-row', list, () => pick('touchpoint', r.id));
      row.dataset.touchpoint = r.id;
      make('span', 'wb-name', r.label, row);
      track(row, [[r.share, r.low, r.high]], true);
      const said = make('span', 'wb-said', r.said, row);
      make('span', 'wb-small', ` ${r.more}`, said);
    }
    make('p', 'wb-verdict', found.verdict, paretoBox);
    make('p', `wb-note${found.again ? ' wb-caution' : ''}`, found.scope, paretoBox);
    if (found.again) button(t('again'), 'wb-tool', paretoBox, () => ask({ do: 'again' }));
  }

  let slider = 1;
  function drawDetail() {
    const found = view().detail?.id === chosen() ? view().detail : null;
    detailBox.replaceChildren();
    if (!found) {
      const { kind, selected } = view();
      if (!kind) { make('p', 'wb-note', t('nothing_selected'), detailBox); return; }
      if (kind === 'touchpoint') { make('p', 'wb-note', '…', detailBox); return; }
      make('p', '', kind === 'stage' ? (base.choices.find((c) => c.facet === 'stage')?.values.find((v) => v.id === selected)?.label ?? selected) : `${t('variants_head')}: ${selected}`, detailBox);
    } else make('h4', '', found.label, detailBox);
    const acts = make('div', 'wb-acts', null, detailBox);
    button(t('narrow'), 'wb-tool', acts, () => ask({ do: 'narrow' }));
    button(t('close'), 'wb-tool', acts, () => ask({ do: 'select', kind: '', name: '' }));
    if (!found) return;
    const grid = make('dl', 'wb-facts', null, detailBox);
    const none = found.facts.filter(([, value]) => value === base.missing).map(([name]) => name);
    for (const [name, value, more] of found.facts) {
      if (value === base.missing) continue;
      const cell = make('div', '', null, grid);
      make('dt', '', name, cell);
      const own = make('dd', '', value, cell);
      if (more) make('span', 'wb-small', ` ${more}`, own);
    }
    if (none.length) make('p', 'wb-note', `${base.missing} ${t('not_measured')}: ${none.join(', ')}`, detailBox);
    if (found.quotes.length) {
      make('h5', '', t('quotes'), detailBox);
      for (const quote of found.quotes) make('blockquote', '', quote, detailBox);
    } else if (found.quotes_said) make('p', 'wb-note', found.quotes_said, detailBox);
    if (!found.what_if) return;
    const box = make('div', 'wb-if', null, detailBox);
    const label = make('label', '', null, box);
    make('span', '', t('what_if'), label);
    const range = make('input', 'wb-points', null, label);
    Object.assign(range, { type: 'range', min: '-2', max: '2', step: '0.5', value: String(slider) });
    const said = make('output', '', '', label);
    const tell = () => {
      said.textContent = `${new Intl.NumberFormat(base.language, { signDisplay: 'exceptZero' }).format(range.value)} ${t(Math.abs(range.value) === 1 ? 'point' : 'points')}`;
      range.setAttribute('aria-valuetext', said.textContent);
    };
    tell();
    range.addEventListener('input', tell);
    range.addEventListener('change', () => { slider = Number(range.value); drawIf(); if (slider) ask({ do: 'what_if', points: slider }); });
    make('p', 'wb-if-said', '', box).setAttribute('role', 'status');
    drawIf();
    if (!answer() && !model.get('busy')?.what) ask({ do: 'what_if', points: slider });
  }
  const answer = () => {
    const found = model.get('answer');
    return found && found.touchpoint === chosen() && found.points === slider && found.code === view().code ? found : null;
  };
  function drawIf() {
    const said = detailBox.querySelector('.wb-if-said');
    if (said) said.textContent = answer()?.said ?? '';
  }

  function drawVariants() {
    variantBox.replaceChildren();
    const { variants } = view();
    if (!variants) return;
    if (!variants.length) { make('p', 'wb-note', t('variants_none'), variantBox); return; }
    const list = make('div', 'wb-rows', null, variantBox);
    for (const v of variants) {
      const row = button(null, 'wb-variant', list, () => pick('variant', v.id));
      row.dataset.variant = v.id;
      const share = make('span', 'wb-share', null, row);
      const line = make('span', 'wb-line', null, share);
      make('i', '', null, line).style.width = `${Math.round(1000 * v.bar) / 10}%`;
      make('span', 'wb-said', v.share, share);
      make('span', 'wb-small', v.span, share);
      const steps = make('span', 'wb-steps', null, row);
      for (const s of v.steps) {
        const step = make('span', 'wb-step', null, steps);
        step.dataset.touchpoint = s.id;
        make('i', 'cx-dot', null, step).dataset.channel = s.channel;
        step.append(s.label);
      }
      if (v.more) make('span', 'wb-small', t('more_steps', { n: v.more }), steps);
      make('span', 'wb-small wb-told', v.facts.join(' · '), row);
    }
  }

  function drawPair() {
    const { pair } = view();
    compareBox.replaceChildren();
    if (compareBox.hidden || !pair) { compareBox.hidden = true; return; }
    make('h3', '', t('compare_head'), compareBox);
    const legend = make('p', 'wb-note wb-legend', null, compareBox);
    for (const name of ['A', 'B']) make('span', `wb-key-${name}`, `${name}: ${pair.said[name].join(' · ')}`, legend);
    if (pair.error) { make('p', 'wb-error', pair.error, compareBox); return; }
    const table = make('table', 'wb-table', null, make('div', 'wb-scroll-x', null, compareBox));
    const top = make('tr', '', null, make('thead', '', null, table));
    make('th', '', t('touchpoint'), top);
    for (const measure of ['reach', 'score']) make('th', '', t(measure), top).colSpan = 2;
    const rows = make('tbody', '', null, table);
    for (const r of pair.rows) {
      const row = make('tr', '', null, rows);
      const name = make('th', '', null, row);
      button(r.label, 'wb-link', name, () => pick('touchpoint', r.id)).dataset.touchpoint = r.id;
      for (const measure of ['reach', 'score']) {
        const cell = make('td', 'wb-cell', null, row);
        const there = r[measure].filter((s) => s.at);
        if (there.length === 2) track(cell, there.map((s) => s.at));
        const words = make('td', '', null, row);
        r[measure].forEach((s, i) => {
          const line = make('div', '', `${'AB'[i]} ${s.said}`, words);
          if (s.more) make('span', 'wb-small', ` ${s.more}`, line);
        });
      }
    }
    button(t('test_difference'), 'wb-tool', compareBox, () => ask({ do: 'compare' }));
    const told = model.get('tested');
    if (told && told.a === JSON.stringify(view().saved.A) && told.b === JSON.stringify(view().saved.B)) {
      const list = make('ul', 'wb-tested', null, compareBox);
      for (const line of told.said) make('li', '', line, list);
    }
  }

  // A view that stays as it was is not drawn anew: who is in it with the keyboard stays there.
  const seen = {};
  const changed = (name, value) => {
    const now = JSON.stringify(value ?? null);
    if (seen[name] === now) return false;
    seen[name] = now;
    return true;
  };
  function drawAll() {
    const v = view();
    clearTimeout(waiting);
    el.classList.remove('wb-late');
    el.classList.toggle('wb-hidden', v.hidden);
    drawHead();
    if (changed('map', v.map)) drawMap();
    if (changed('curve', v.curve)) drawCurve();
    if (changed('decides', v.decides)) drawPareto();
    if (changed('detail', [v.detail, v.kind, v.selected])) drawDetail();
    if (changed('variants', v.variants)) drawVariants();
    if (changed('pair', v.pair)) drawPair();
    mark();
    el.dataset.done = String(Boolean(v.done));
  }
  let beat = 0;
  function drawJob() {
    const { what = '', since = 0 } = model.get('busy') || {};
    clearInterval(beat);
    job.hidden = !what;
    if (!what) return;
    bar.removeAttribute('value');
    bar.setAttribute('aria-label', what);
    const tell = () => { jobText.textContent = t('working', { what, s: Math.max(0, Math.round(Date.now() / 1000 - since)) }); };
    tell();
    beat = setInterval(tell, 1000);
  }
  const drawError = () => {
    error.textContent = model.get('error') || '';
    if (error.textContent) { clearTimeout(waiting); el.classList.remove('wb-late'); drawHead(); }
  };
  listen('change:view', drawAll);
  listen('change:busy', drawJob);
  listen('change:error', drawError);
  listen('change:answer', drawIf);
  listen('change:tested', drawPair);
  drawAll();
  drawJob();
  drawError();
  mapBox.addEventListener('click', (event) => {
    const head = event.target.closest?.('.cx-stage');
    if (head) pick('stage', stageOf(head));
  });
  return () => {
    undoers.forEach((undo) => undo());
    clearInterval(beat);
    unmount?.();
  };
}

export default { render };
