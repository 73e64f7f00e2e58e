// The workbench in JupyterLab: filters, chips, the linked views and what decides, one anywidget.
// Python keeps the state and writes every figure out; this shows it and sends back what was asked for.
// Everything that comes from data is set as text or as an attribute, never as markup. A view each in ./workbench/.
import { curve } from './workbench/curve.js';
import { decide } from './workbench/decide.js';
import { detail } from './workbench/detail.js';
import { button, fill, make } from './workbench/dom.js';
import { filters } from './workbench/filters.js';
import { head, job } from './workbench/head.js';
import { ifs } from './workbench/ifs.js';
import { journeys } from './workbench/journeys.js';
import { mapview } from './workbench/mapview.js';
import { pair } from './workbench/pair.js';
import { segments } from './workbench/segments.js';
import { variants } from './workbench/variants.js';

const OWN_PROGRESS = ['again', 'compare', 'what_if', 'test_segments', 'stop', 'ready'];
const SHELF = 'cxmining_workbench';

/** What both faces of the workbench need: words, and a way to ask. */
function setting(model, el) {
  const base = model.get('base');
  const undoers = [];
  const ctx = {
    base, el, model, undoers,
    t: (key, values = {}) => fill(base.text[key] ?? key, values),
    view: () => model.get('view'),
    listen: (event, act) => { model.on(event, act); undoers.push(() => model.off(event, act)); },
  };
  ctx.chosen = () => (ctx.view().kind === 'touchpoint' ? ctx.view().selected : null);
  let waiting = 0;
  ctx.ask = (message) => {
    try { model.send({ ...message }); } catch { return void ctx.job.fail(ctx.t('no_kernel')); }
    if (OWN_PROGRESS.includes(message.do)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { el.classList.add('wb-late'); }, 400);
  };
  ctx.calm = () => { clearTimeout(waiting); el.classList.remove('wb-late'); };
  ctx.pick = (kind, name) => ctx.ask({ do: 'select', kind, name: ctx.view().kind === kind && ctx.view().selected === name ? '' : name ?? '' });
  undoers.push(ctx.calm);
  return ctx;
}

/** While what all views stand on is laid: how far it is, and a button that stops it. */
function opening(ctx) {
  const { t, el, model, listen, ask } = ctx;
  make('p', 'wb-opening', t('opening'), el);
  ctx.job = job(ctx);
  const again = make('p', 'wb-acts', null, el);
  make('span', 'wb-note', t('stopped'), again);
  button(t('try_again'), 'wb-tool wb-again', again, () => ask({ do: 'ready' }));
  const draw = () => { ctx.job.draw(); again.hidden = Boolean(model.get('busy')?.what); };
  listen('change:busy', draw);
  listen('change:error', () => ctx.job.fail(model.get('error') || ''));
  draw();
  ctx.job.fail(model.get('error') || '');
}

function board(ctx) {
  const { base, t, el, model, view, listen, ask } = ctx;
  remember(ctx);
  const top = head(ctx, (tab) => go(tab));
  ctx.job = job(ctx);
  const root = make('div', 'wb-board', null, el);
  const side = make('form', 'wb-side wb-panel', null, root);
  side.setAttribute('aria-label', t('filters'));
  side.addEventListener('submit', (event) => event.preventDefault());
  const panel = (name, key, parent = root) => {
    const box = make('section', `wb-panel wb-${name}`, null, parent);
    const title = make('h3', '', t(key), box);
    title.id = `wb-${name}-${Math.random().toString(36).slice(2, 8)}`;
    box.setAttribute('aria-labelledby', title.id);
    return make('div', 'wb-body', null, box);
  };
  const mapBox = panel('map', 'map_head');
  const curveBox = panel('curve', 'curve_head');
  const right = make('div', 'wb-right', null, root);
  const deciding = make('div', 'wb-decide', null, right);
  const decideBox = panel('pareto', 'pareto_head', deciding);
  const ifsBox = panel('ifs', 'ifs_head', deciding);
  const detailBox = panel('detail', 'detail_head', right);
  const tabs = tabbed(ctx, root, [['variants', 'variants_head'], ['journeys', 'journeys_tab'], ['segments', 'segments_tab'], ['compare', 'compare_head']]);
  const foot = make('p', 'wb-foot', '', el);
  const go = (name) => {
    tabs.show(name);
    if (name === 'journeys' && !model.get('listed')?.order) ask({ do: 'journeys', order: base.orders[0].id });
    if (name === 'segments' && base.attributes.length && !model.get('parted')?.by) ask({ do: 'segments', by: base.attributes[0].id });
    tabs.boxes[name].parentElement.scrollIntoView({ block: 'nearest' });
  };
  tabs.opened = go;
  ctx.go = go;

  const tick = filters(ctx, side);
  const theMap = mapview(ctx, mapBox), sliders = ifs(ctx, ifsBox), own = detail(ctx, detailBox);
  const { variants: variantBox, journeys: journeyBox, segments: segmentBox, compare: pairBox } = tabs.boxes;

  // A view that fails, here or in Python, says so in its place; the others go on.
  const guarded = (name, box, draw, close) => () => {
    let why = view().failed?.[name];
    try { if (!why) draw(); } catch (error) { why = `${error?.name ?? 'Error'}: ${error?.message ?? error}`; }
    if (!why) return;
    close?.();
    box.hidden = box.parentElement.hidden = false;
    box.replaceChildren();
    make('p', 'wb-error', t('view_failed', { error: why }), box);
  };
  const draws = {
    map: guarded('map', mapBox, theMap.draw, theMap.close),
    curve: guarded('curve', curveBox, curve(ctx, curveBox)),
    decides: guarded('decides', decideBox, decide(ctx, decideBox)),
    ifs: guarded('ifs', ifsBox, sliders.draw),
    detail: guarded('detail', detailBox, own.draw),
    variants: guarded('variants', variantBox, variants(ctx, variantBox)),
    journeys: guarded('journeys', journeyBox, journeys(ctx, journeyBox)),
    segments: guarded('segments', segmentBox, segments(ctx, segmentBox)),
    pair: guarded('pair', pairBox, pair(ctx, pairBox)),
  };

  /** What stands out in every view: the touchpoint itself, those of the stage, or those of the variant. */
  function bright() {
    const { kind, selected, stages } = view();
    if (kind === 'touchpoint') return new Set([selected]);
    if (kind === 'stage') return new Set(stages[selected] || []);
    if (kind === 'variant') return new Set(((view().variants || []).find((v) => v.id === selected)?.steps || []).map((s) => s.id));
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
    try { theMap.mark(on); } catch { theMap.close(); draws.map(); }
  }

  // A view that stays as it was is not drawn anew: who is in it with the keyboard stays there.
  const seen = {};
  const changed = (name, value) => {
    const now = JSON.stringify([value ?? null, view().failed?.[name] ?? null]);
    if (seen[name] === now) return false;
    seen[name] = now;
    return true;
  };
  const drawHead = () => { top.draw(); tick(view().ticked); foot.textContent = view().foot; };
  function drawAll() {
    const v = view();
    ctx.calm();
    el.classList.toggle('wb-hidden', v.hidden);
    drawHead();
    if (changed('map', v.map)) draws.map();
    if (changed('curve', v.curve)) draws.curve();
    if (changed('decides', v.decides)) { draws.decides(); draws.ifs(); }
    if (changed('detail', [v.detail, v.kind, v.selected])) draws.detail();
    if (changed('variants', v.variants)) draws.variants();
    if (changed('pair', v.pair)) draws.pair();
    mark();
    el.dataset.done = String(Boolean(v.done));
  }
  const drawError = () => {
    ctx.job.fail(model.get('error') || '');
    if (model.get('error')) { ctx.calm(); drawHead(); }
  };
  listen('change:view', drawAll);
  listen('change:busy', () => ctx.job.draw());
  listen('change:heard', ctx.calm);
  listen('change:error', drawError);
  listen('change:answer', () => { sliders.tell(); own.tell(); });
  listen('change:tested', () => draws.pair());
  listen('change:listed', () => { ctx.calm(); draws.journeys(); mark(); });
  listen('change:parted', () => { ctx.calm(); draws.segments(); mark(); });
  for (const draw of [draws.journeys, draws.segments]) draw();
  drawAll();
  ctx.job.draw();
  drawError();
  ctx.undoers.push(() => { theMap.close(); ctx.job.close(); });
}

/** Views that share a place: a list of tabs, of which one is open. */
function tabbed({ t, el }, parent, names) {
  const root = make('section', 'wb-panel wb-below', null, parent);
  root.setAttribute('aria-label', t('below_head'));
  const bar = make('div', 'wb-tabs', null, root);
  bar.setAttribute('role', 'tablist');
  bar.setAttribute('aria-label', t('below_head'));
  const self = { boxes: {}, opened: null };
  const doors = {}, uid = Math.random().toString(36).slice(2, 8);
  const show = (name) => {
    for (const [key] of names) {
      const on = key === name;
      self.boxes[key].parentElement.hidden = !on;
      doors[key].setAttribute('aria-selected', String(on));
      doors[key].tabIndex = on ? 0 : -1;
    }
  };
  for (const [name, key] of names) {
    doors[name] = button(t(key), 'wb-tab', bar, () => self.opened(name));
    Object.entries({ role: 'tab', id: `wb-tab-${name}-${uid}`, 'aria-controls': `wb-pane-${name}-${uid}`, 'data-tab': name }).forEach(([k, v]) => doors[name].setAttribute(k, v));
    const pane = make('div', `wb-pane wb-${name}`, null, root);
    Object.entries({ role: 'tabpanel', id: `wb-pane-${name}-${uid}`, 'aria-labelledby': `wb-tab-${name}-${uid}` }).forEach(([k, v]) => pane.setAttribute(k, v));
    self.boxes[name] = make('div', 'wb-body', null, pane);
  }
  bar.addEventListener('keydown', (event) => {
    const at = names.findIndex(([name]) => doors[name] === event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: names.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const [name] = names[(to + names.length) % names.length];
    self.opened(name);
    doors[name].focus();
  });
  show(names[0][0]);
  return Object.assign(self, { show });
}

/** The notebook keeps the state in its metadata, and who opens it later goes on from there. */
function remember({ base, model, listen, ask }) {
  const notebook = model.widget_manager?.context?.model;
  const state = () => JSON.stringify(model.get('state'));
  const keep = () => {
    if (!notebook?.setMetadata) return;
    notebook.setMetadata(SHELF, { ...(notebook.getMetadata(SHELF) || {}), [base.key]: model.get('state') });
  };
  const kept = notebook?.getMetadata?.(SHELF)?.[base.key];
  if (kept && base.fresh && state() === JSON.stringify(base.fresh) && JSON.stringify(kept) !== JSON.stringify(base.fresh)) queueMicrotask(() => ask({ do: 'restore', state: kept }));
  listen('change:state', keep);
}

function render({ model, el }) {
  el.classList.add('wb');
  // JupyterLab takes arrows for its cells, and two strokes of d for deleting one: not while somebody is in here.
  el.dataset.lmSuppressShortcuts = 'true';
  const quiet = (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); };
  el.addEventListener('keydown', quiet);
  let ctx = null;
  const close = () => { ctx?.undoers.forEach((undo) => undo()); ctx = null; };
  const build = () => {
    close();
    el.replaceChildren();
    ctx = setting(model, el);
    el.lang = ctx.base.language;
    (ctx.base.choices ? board : opening)(ctx);
  };
  model.on('change:base', build);
  build();
  return () => { model.off('change:base', build); el.removeEventListener('keydown', quiet); close(); };
}

export default { render };
