// The most frequent variants as bars of coloured touchpoints.
import { button, make } from './dom.js';

export const variants = ({ t, view, pick }, box) => () => {
  box.replaceChildren();
  const { variants: found } = view();
  if (!found) return;
  if (!found.length) { make('p', 'wb-note', t('variants_none'), box); return; }
  const list = make('div', 'wb-rows', null, box);
  for (const v of found) {
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
};
