// The journey map: the same one as in the report, with a selection of its own that follows.
import map from '../journeymap.js';
import { Model } from '../model.js';
import { make } from './dom.js';

export function mapview({ base, view, chosen, pick }, box) {
  const known = new Set(base.touchpoints.map((p) => p.id));
  let local = null, unmount = null;
  const stage = () => (view().kind === 'stage' ? view().selected : null);
  const way = () => {
    const steps = view().kind === 'variant' && (view().variants || []).find((v) => v.id === view().selected)?.steps.map((s) => s.id);
    return steps || null;
  };
  const close = () => { unmount?.(); local = unmount = null; };
  const draw = () => {
    const { map: spec } = view();
    box.hidden = !spec;
    if (!spec) return;
    if (local) { local.set('spec', spec); return; }
    box.replaceChildren();
    local = new Model({ spec, selected: chosen(), flow: spec.flow, stage: stage(), way: way() });
    unmount = map.render({ model: local, el: make('div', '', null, box) });
    local.on('change:selected', () => {
      const id = local.get('selected');
      if (id !== chosen() && (id === null || known.has(id))) pick('touchpoint', id);
    });
    local.on('change:stage', () => { if (local.get('stage') !== stage()) pick('stage', local.get('stage')); });
  };
  const mark = (on) => {
    if (!local) return;
    for (const node of box.querySelectorAll('.cx-node')) node.classList.toggle('wb-lit', Boolean(on?.has(node.dataset.id)) && view().kind !== 'touchpoint');
    for (const [key, value] of [['selected', chosen()], ['stage', stage()]]) if (local.get(key) !== value) local.set(key, value);
    if (JSON.stringify(local.get('way')) !== JSON.stringify(way())) local.set('way', way());
  };
  return { draw, mark, close };
}
