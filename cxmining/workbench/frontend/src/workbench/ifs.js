// What-if: sliders whose every notch Python answered once, so that the interval moves along with the hand.
import { make, track } from './dom.js';

/** The answers that hold for what is shown: touchpoint → points → figure, interval, sentence. */
export const answers = ({ model, view }) => {
  const found = model.get('answer');
  return found?.rows && found.key === view().decides?.key ? found.rows : null;
};

/** One scale for all sliders, with the zero on it. */
function span(rows) {
  const ends = Object.values(rows).flatMap((row) => Object.values(row).flatMap(({ at }) => at)).filter(Number.isFinite);
  const low = Math.min(0, ...ends), high = Math.max(0, ...ends);
  return { low, wide: high - low || 1 };
}

/** A slider of one touchpoint; `state` keeps where each stands. Returns what draws its answer. */
export function slider({ base, t, ask, model }, parent, { id, label }, state, ctx) {
  const row = make('label', 'wb-slide', null, parent);
  row.dataset.if = id;
  make('span', 'wb-name', label, row);
  const range = make('input', 'wb-points', null, row);
  Object.assign(range, { type: 'range', min: '-2', max: '2', step: '0.5', value: String(state[id] ?? 0) });
  const said = make('output', '', '', row);
  const shown = make('span', 'wb-effect', null, row);
  const tell = () => {
    const points = Number(range.value);
    said.textContent = points ? `${new Intl.NumberFormat(base.language, { signDisplay: 'exceptZero' }).format(points)} ${t(Math.abs(points) === 1 ? 'point' : 'points')}` : t('if_zero');
    const rows = answers(ctx), found = rows?.[id]?.[String(points)];
    shown.replaceChildren();
    if (rows) {
      const { low, wide } = span(rows);
      track(shown, found ? [found.at.map((v) => (v - low) / wide)] : [], { zero: -low / wide });
    }
    if (found) {
      const text = make('span', 'wb-said', found.said, shown);
      make('span', 'wb-small', ` ${found.more}`, text);
    }
    range.setAttribute('aria-valuetext', [said.textContent, found && `${found.said} ${found.more}`].filter(Boolean).join(', '));
    return found?.sentence ?? '';
  };
  range.addEventListener('input', () => {
    state[id] = Number(range.value);
    state.last = id;
    if (!answers(ctx)?.[id] && !model.get('busy')?.what) ask({ do: 'what_if', touchpoint: id });
    parent.dispatchEvent(new CustomEvent('wb-slid', { bubbles: true }));
  });
  return tell;
}

/** The sliders of the touchpoints that decide. */
export function ifs(ctx, box) {
  const { t, view } = ctx;
  const state = {};
  let tells = [], said = null, keyed = null;
  const tell = () => {
    let sentence = '';
    for (const [id, one] of tells) { const mine = one(); if (id === state.last) sentence = mine; }
    if (said) said.textContent = sentence || (answers(ctx) ? '' : t('ifs_start'));
  };
  box.addEventListener('wb-slid', tell);
  const draw = () => {
    const found = view().decides;
    box.parentElement.hidden = !found?.ifs?.length;
    if (!found?.ifs?.length) return;
    const key = JSON.stringify([found.key, found.ifs]);
    if (key === keyed) { tell(); return; } // who drags keeps the slider
    keyed = key;
    box.replaceChildren();
    make('p', 'wb-note', t('ifs_key'), box);
    tells = found.ifs.map((one) => [one.id, slider(ctx, box, one, state, ctx)]);
    said = make('p', 'wb-ifs-said', '', box);
    said.setAttribute('role', 'status');
    tell();
  };
  return { draw, tell };
}
