// The controls of the filters: each sends its facet and values, and shows what holds.
import { button, make, select } from './dom.js';

export function filters({ base, t, ask }, side) {
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
    box.dataset.facet = 'period';
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
  for (const note of base.notes ?? []) make('p', 'wb-note', note, side);
  {
    const box = group(t('touchpoint'));
    box.dataset.facet = 'step';
    const how = select(t('touchpoint'), ['contains', 'starts', 'ends', 'followed'].map((k) => ({ id: k, label: t(`step_${k}`) })), box);
    how.classList.add('wb-how');
    const first = select(t('touchpoint'), base.touchpoints, box);
    first.classList.add('wb-first');
    const then = select(t('then'), base.touchpoints, box);
    then.classList.add('wb-then');
    then.hidden = true;
    how.addEventListener('change', () => { then.hidden = how.value !== 'followed'; });
    button(t('add'), 'wb-tool wb-add', box, () => ask({ do: 'put', facet: 'step', values: [how.value, first.value, then.value] }));
  }
  {
    const box = group(t('lasts'));
    box.dataset.facet = 'duration';
    const least = input(box, t('days_least'), { type: 'number', min: '0', step: 'any' });
    const most = input(box, t('days_most'), { type: 'number', min: '0', step: 'any' });
    for (const field of [least, most]) field.addEventListener('change', () => put('duration', [least.value, most.value]));
    controls.duration = (v = []) => { least.value = v[0] ?? ''; most.value = v[1] ?? ''; };
  }
  {
    const box = group(t('coverage'));
    box.dataset.facet = 'coverage';
    const range = input(box, '', { type: 'range', min: '0.5', max: '1', step: '0.05' });
    range.setAttribute('aria-label', t('coverage'));
    const said = make('output', '', '', box);
    const percent = new Intl.NumberFormat(base.language, { style: 'percent' });
    const tell = () => { said.textContent = percent.format(range.value); range.setAttribute('aria-valuetext', said.textContent); };
    range.addEventListener('input', tell);
    range.addEventListener('change', () => put('coverage', [Number(range.value)]));
    controls.coverage = (v) => { range.value = String(v ? v[0] : 1); tell(); };
  }
  return (ticked) => { for (const key in controls) controls[key](ticked[key]); };
}
