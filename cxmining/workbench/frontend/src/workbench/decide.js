// Which touchpoints decide: bars of fair share with intervals, the verdict, and on whose answers.
import { button, make, track } from './dom.js';

export const decide = ({ base, t, view, pick, ask }, box) => () => {
  const found = view().decides;
  box.replaceChildren();
  box.parentElement.hidden = !base.decides;
  if (!found) { make('p', 'wb-note', base.decides ? '…' : t('none_selected'), box); return; }
  make('p', 'wb-note', t('share_key'), box);
  const list = make('div', 'wb-rows', null, box);
  for (const r of found.rows) {
    const row = button(null, 'wb-row', list, () => pick('touchpoint', r.id));
    row.dataset.touchpoint = r.id;
    make('span', 'wb-name', r.label, row);
    track(row, [[r.share, r.low, r.high]], { bar: true });
    const said = make('span', 'wb-said', r.said, row);
    make('span', 'wb-small', ` ${r.more}`, said);
  }
  make('p', 'wb-verdict', found.verdict, box);
  make('p', `wb-note${found.again ? ' wb-caution' : ''}`, found.scope, box);
  if (found.again) button(t('again'), 'wb-tool', box, () => ask({ do: 'again' }));
};
