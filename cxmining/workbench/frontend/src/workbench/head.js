// The head: chips, what can be done, counts, the code of the chain, long work, errors.
import { button, make } from './dom.js';

export function head({ t, el, view, ask, model, base }, go) {
  const root = make('div', 'wb-head', null, el);
  const chips = make('ul', 'wb-chips', null, root);
  chips.setAttribute('aria-label', t('filters'));
  const tools = make('div', 'wb-tools', null, root);
  const doers = {};
  const tool = (key, act) => { doers[key] = button(t(key), 'wb-tool', tools, act); doers[key].dataset.do = key; };
  tool('undo', () => ask({ do: 'undo' }));
  tool('redo', () => ask({ do: 'redo' }));
  tool('clear', () => ask({ do: 'clear' }));
  tool('copy', async () => {
    code.hidden = false;
    codeBox.value = view().code;
    codeBox.select();
    try { await navigator.clipboard.writeText(codeBox.value); doers.copy.textContent = t('copied'); } catch { document.execCommand('copy'); }
    setTimeout(() => { doers.copy.textContent = t('copy'); }, 1500);
  });
  tool('save_a', () => ask({ do: 'save', name: 'A' }));
  tool('save_b', () => ask({ do: 'save', name: 'B' }));
  tool('open_a', () => ask({ do: 'open', name: 'A' }));
  tool('open_b', () => ask({ do: 'open', name: 'B' }));
  tool('compare', () => go('compare'));
  const counts = make('p', 'wb-counts', null, root);
  counts.setAttribute('role', 'status');
  const code = make('div', 'wb-code', null, el);
  code.hidden = true;
  const codeLabel = make('label', '', null, code);
  make('span', '', t('paste'), codeLabel);
  const codeBox = make('textarea', '', null, codeLabel);
  codeBox.rows = 2;
  codeBox.spellcheck = false;
  button(t('apply'), 'wb-tool', code, () => ask({ do: 'paste', code: codeBox.value }));

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
  const draw = () => {
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
    if (document.activeElement !== codeBox) codeBox.value = v.code;
  };
  return { draw };
}

/** Long work with its share or its seconds, and a button that stops it; and what went wrong. */
export function job({ t, el, ask, model, base }) {
  const root = make('div', 'wb-job', null, el);
  root.hidden = true;
  const bar = make('progress', '', null, root);
  const text = make('span', '', '', root);
  text.setAttribute('role', 'status');
  button(t('stop'), 'wb-tool wb-stop', root, () => ask({ do: 'stop' }));
  const error = make('p', 'wb-error', '', el);
  error.setAttribute('role', 'alert');
  const percent = new Intl.NumberFormat(base.language, { style: 'percent' });
  let beat = 0;
  const draw = () => {
    const { what = '', since = 0, share = null } = model.get('busy') || {};
    clearInterval(beat);
    root.hidden = !what;
    if (!what) return;
    if (share === null) bar.removeAttribute('value'); else bar.value = share;
    bar.setAttribute('aria-label', what);
    const tell = () => {
      const s = Math.max(0, Math.round(Date.now() / 1000 - since));
      text.textContent = share === null ? t('working', { what, s }) : t('working_share', { what, s, share: percent.format(share) });
    };
    tell();
    beat = setInterval(tell, 1000);
  };
  const fail = (words) => { error.textContent = words; };
  return { draw, fail, close: () => clearInterval(beat) };
}
