// What is selected: owner, waits, scores, moments, quotes, what if.
import { button, make } from './dom.js';
import { answers, slider } from './ifs.js';

export function detail(ctx, box) {
  const { base, t, view, chosen, ask, model, go } = ctx;
  const state = {};
  let tell = null, said = null;
  const show = () => { if (tell) said.textContent = tell(); };
  box.addEventListener('wb-slid', show);
  const draw = () => {
    const found = view().detail?.id === chosen() ? view().detail : null;
    box.replaceChildren();
    tell = null;
    const { kind, selected } = view();
    if (!kind) { make('p', 'wb-note', t('nothing_selected'), box); return; }
    if (!found && kind === 'touchpoint') { make('p', 'wb-note', '…', box); return; }
    if (found) make('h4', '', found.label, box);
    else make('h4', '', kind === 'stage' ? t('stage', { label: base.choices.find((c) => c.facet === 'stage')?.values.find((v) => v.id === selected)?.label ?? selected }) : `${t('variants_head')}: ${selected.slice(0, 7)}`, box);
    const acts = make('div', 'wb-acts', null, box);
    button(t('narrow'), 'wb-tool', acts, () => ask({ do: 'narrow' }));
    button(t('journeys_tab'), 'wb-tool wb-drill', acts, () => go('journeys'));
    button(t('close'), 'wb-tool', acts, () => ask({ do: 'select', kind: '', name: '' }));
    if (!found) { members(kind, selected); return; }
    const grid = make('dl', 'wb-facts', null, box);
    const none = found.facts.filter(([, value]) => value === base.missing).map(([name]) => name);
    for (const [name, value, more] of found.facts) {
      if (value === base.missing) continue;
      const cell = make('div', '', null, grid);
      make('dt', '', name, cell);
      const own = make('dd', '', value, cell);
      if (more) make('span', 'wb-small', ` ${more}`, own);
    }
    if (!grid.children.length) grid.remove();
    if (none.length) make('p', 'wb-note', `${base.missing} ${t('not_measured')}: ${none.join(', ')}`, box);
    if (found.quotes.length) {
      make('h5', '', t('quotes'), box);
      for (const quote of found.quotes) make('blockquote', '', quote, box);
    } else if (found.quotes_said) make('p', 'wb-note', found.quotes_said, box);
    if (!found.what_if) return;
    const own = make('div', 'wb-if', null, box);
    make('h5', '', t('what_if'), own);
    state[found.id] ??= 1;
    tell = slider(ctx, own, { id: found.id, label: '' }, state, ctx);
    own.querySelector('.wb-points').setAttribute('aria-label', `${t('what_if')}: ${found.label}`);
    said = make('p', 'wb-if-said', '', own);
    said.setAttribute('role', 'status');
    show();
    if (!answers(ctx)?.[found.id] && !model.get('busy')?.what && view().done) ask({ do: 'what_if', touchpoint: found.id });
  };
  /** The touchpoints of a stage or a variant, each to be chosen from here. */
  function members(kind, selected) {
    const variant = kind === 'variant' && (view().variants || []).find((v) => v.id === selected);
    const own = kind === 'stage' ? new Set(view().stages[selected] || []) : new Set((variant?.steps || []).map((s) => s.id));
    if (variant) make('p', 'wb-note', [`${variant.share} ${variant.span}`, ...variant.facts].join(' · '), box);
    const list = make('ul', 'wb-members', null, box);
    for (const p of base.touchpoints.filter(({ id }) => own.has(id))) button(p.label, 'wb-link', make('li', '', null, list), () => ctx.pick('touchpoint', p.id)).dataset.touchpoint = p.id;
  }
  return { draw, tell: show };
}
