// Where everything stands. Nodes stand on a grid of columns and rows; the lines travel only in the free
// strips between rows ("corridors") and between columns ("gutters"), so no line ever crosses a label.
import { Graph, layout as dagre } from '@dagrejs/dagre';

export const LINE = 15; // height of a line of label
export const UNDER = 33; // from the middle of a circle to its label: the largest circle and its badge
const CORRIDOR = 26;
const HEAD = 64; // chevrons above the stages

const by = (...keys) => (a, b) => {
  for (const key of keys) {
    const x = key(a), y = key(b);
    if (x < y) return -1;
    if (x > y) return 1;
  }
  return 0;
};

// A word breaks at its own borders (A_PREACCEPTED, handleLeads), then between syllables by rule, best where many
// consonants meet: there a compound is often joined. The same rules as in cxmining/maps/breaks.py.
const BORDER = /(?<=[_/\-.:,;=>])(?=[^_/\-.:,;=>])|(?<=\p{Ll})(?=\p{Lu})|(?<=[\p{L}\p{N}_])(?=[<({[])/u;
const ONSETS = new Set('bl br dr dw fl fr gl gr kl kn kr kw pl pr sch schr sj sl sm sn sp spl spr st str sw tj tr tw vl vr wr'.split(' '));
const WHOLE = new Set(['ch', 'sch', 'th', 'ph', 'sj']);

function seams(word) {
  const low = word.toLowerCase(), found = [];
  const vowel = (i) => /[aeiouyáàâäãéèêëíìîïóòôöõúùûü]/.test(low[i] ?? '') || (low[i] === 'j' && low[i - 1] === 'i');
  for (const m of low.matchAll(/\p{L}+/gu)) {
    const stop = m.index + m[0].length;
    for (let i = m.index; i < stop; i += 1) {
      if (vowel(i)) continue;
      let end = i;
      while (end < stop && !vowel(end)) end += 1;
      const cluster = low.slice(i, end);
      if (i > m.index && end < stop) {
        let onset = 1;
        for (let size = 2; size <= cluster.length; size += 1) {
          const tail = cluster.slice(-size);
          if (WHOLE.has(tail) || (ONSETS.has(tail) && size < cluster.length)) onset = size;
        }
        if (end - onset >= 4 && word.length - (end - onset) >= 4) found.push([end - onset, cluster.length]);
      }
      i = end;
    }
  }
  return found;
}

const cutAt = (word, most) => {
  const fitting = seams(word).filter(([at]) => at <= most && at >= most * 0.45);
  return fitting.length ? fitting.reduce((best, s) => (s[1] >= best[1] ? s : best))[0] : Math.max(1, Math.min(most, word.length - 3));
};

/** Break a label into at most `max` lines of `width`; words longer than a line are cut, the rest gets an ellipsis. */
export function wrap(text, width, measure, max = 3) {
  const lines = [];
  let line = '', cut = false;
  const put = (token, gap) => {
    if (line && measure(line + gap + token) <= width) line += gap + token;
    else { if (line) lines.push(line); line = token; }
  };
  for (const word of String(text).split(/\s+/).filter(Boolean)) {
    const parts = measure(word) <= width ? [word] : word.split(BORDER);
    cut ||= parts.length > 1;
    parts.forEach((part, i) => {
      let rest = part;
      while (measure(rest) > width && rest.length > 4) {
        let most = rest.length - 1;
        while (most > 3 && measure(rest.slice(0, most) + '-') > width) most -= 1;
        const at = cutAt(rest, most);
        put(rest.slice(0, at) + '-', i || rest !== part ? '' : ' ');
        lines.push(line);
        line = '';
        rest = rest.slice(at);
        cut = true;
      }
      put(rest, i || rest !== part ? '' : ' ');
    });
  }
  if (line) lines.push(line);
  if (lines.length <= max) return { lines: lines.length ? lines : ['?'], fits: true, cut };
  const kept = lines.slice(0, max);
  let last = kept[max - 1];
  while (last.length > 1 && measure(last + '…') > width) last = last.slice(0, -1);
  kept[max - 1] = last + '…';
  return { lines: kept, fits: false, cut };
}

/** Columns of nodes, left to right: per stage (long stages get several), or by dagre's layers when no stage is known. */
function columnsOf(nodes, edges, stages) {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'LR', nodesep: 20, ranksep: 60, acyclicer: 'greedy' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { width: 100, height: 60 });
  const strong = edges.filter((e) => e.s !== e.t).sort(by((e) => -e.v, (e) => e.s, (e) => e.t)).slice(0, 3 * nodes.length);
  const top = strong.length ? strong[0].v : 1;
  for (const e of strong) graph.setEdge(e.s, e.t, { weight: 1 + Math.round((20 * e.v) / top), minlen: 1 });
  if (nodes.length) dagre(graph);
  const at = new Map(nodes.map((n) => [n.id, graph.node(n.id)]));
  const across = by((n) => Math.round(at.get(n.id).x), (n) => Math.round(at.get(n.id).y), (n) => n.id);
  const down = by((n) => Math.round(at.get(n.id).y), (n) => Math.round(at.get(n.id).x), (n) => n.id);
  const columns = [];
  if (stages.length) {
    const rows = Math.min(7, Math.max(4, Math.ceil(Math.sqrt(nodes.length * 0.85))));
    for (const stage of stages) {
      const members = nodes.filter((n) => n.stage === stage.id).sort(across);
      const parts = Math.max(1, Math.ceil(members.length / rows));
      for (let i = 0; i < parts; i += 1) {
        const from = Math.round((i * members.length) / parts), to = Math.round(((i + 1) * members.length) / parts);
        columns.push({ stage: stage.id, nodes: members.slice(from, to).sort(down) });
      }
    }
  } else {
    // dagre makes one layer per step of the longest way; neighbouring layers are folded until the map fits a page.
    const sorted = [...nodes].sort(across);
    const rows = Math.min(7, Math.max(1, Math.round(Math.sqrt(nodes.length * 0.62))));
    const parts = Math.ceil(sorted.length / rows);
    for (let i = 0; i < parts; i += 1) {
      const from = Math.round((i * sorted.length) / parts), to = Math.round(((i + 1) * sorted.length) / parts);
      columns.push({ stage: null, nodes: sorted.slice(from, to) });
    }
    for (const column of columns) column.nodes.sort(down);
  }
  return columns.filter((c) => c.nodes.length || stages.length);
}

/** Order the rows of each column so that strong lines run level: barycentres, best of a few sweeps. */
function orderRows(columns, edges) {
  const H = Math.max(1, ...columns.map((c) => c.nodes.length));
  const row = new Map();
  const place = () => columns.forEach((c) => {
    const first = Math.floor((H - c.nodes.length) / 2);
    c.nodes.forEach((n, i) => row.set(n.id, first + i));
  });
  const cost = () => edges.reduce((sum, e) => sum + e.v * Math.abs(row.get(e.s) - row.get(e.t)), 0);
  const near = new Map();
  for (const e of edges) {
    if (e.s === e.t) continue;
    for (const [a, b] of [[e.s, e.t], [e.t, e.s]]) {
      if (!near.has(a)) near.set(a, []);
      near.get(a).push([b, e.v]);
    }
  }
  place();
  let best = cost(), kept = columns.map((c) => [...c.nodes]);
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const order = sweep % 2 ? [...columns].reverse() : columns;
    for (const column of order) {
      const want = new Map(column.nodes.map((n) => {
        const links = near.get(n.id) || [];
        const weight = links.reduce((w, [, v]) => w + v, 0);
        return [n.id, weight ? links.reduce((s, [o, v]) => s + v * row.get(o), 0) / weight : row.get(n.id)];
      }));
      column.nodes.sort(by((n) => want.get(n.id), (n) => row.get(n.id)));
      place();
    }
    const now = cost();
    if (now < best) { best = now; kept = columns.map((c) => [...c.nodes]); }
  }
  columns.forEach((c, i) => { c.nodes = kept[i]; });
  place();
  return { row, H };
}

/** Spread `items` evenly over ±`room` around a line, in the order given. */
const lanes = (items, room, step, set) => {
  const gap = items.length > 1 ? Math.min(step, (2 * room) / (items.length - 1)) : 0;
  items.forEach((item, i) => set(item, (i - (items.length - 1) / 2) * gap));
};

/** The whole drawing: sizes, node positions, stage headers and one path per edge. */
export function arrange(spec, space, measure) {
  const nodes = spec.nodes, stages = spec.stages || [];
  const known = new Set(nodes.map((n) => n.id));
  const edges = spec.edges.filter((e) => known.has(e.s) && known.has(e.t));
  const columns = columnsOf(nodes, edges, stages);
  const { row, H } = orderRows(columns, edges);

  // Labels get three lines of up to 200 px; only what still does not fit then gets a fourth.
  let width = 108, most = 3;
  while (width < 200 && !nodes.every((n) => wrap(n.label, width, measure).fits)) width += 4;
  if (!nodes.every((n) => wrap(n.label, width, measure).fits)) {
    most = 4;
    for (width = 140; width < 220 && !nodes.every((n) => wrap(n.label, width, measure, most).fits);) width += 4;
  }
  // Where the page has room to spare, no word needs to be cut.
  const roomy = () => columns.length * (width + 4 + 40) + 20 <= space;
  while (width < 200 && roomy() && nodes.some((n) => wrap(n.label, width, measure, most).cut)) width += 4;
  const spare = (space - 20) / Math.max(1, columns.length) - width;
  const gutter = Math.max(26, Math.min(74, spare));
  const labels = new Map(nodes.map((n) => [n.id, wrap(n.label, width, measure, most)]));
  const tallest = Math.max(1, ...[...labels.values()].map((l) => l.lines.length));
  const R = 27;
  const radius = (n) => (n.reach === null || n.reach === undefined ? 16 : 16 + 11 * Math.sqrt(Math.max(0, Math.min(1, n.reach))));
  const pitch = width + gutter;
  // Names and captions of stages that are wider than their columns take a second line.
  const spread = (stage) => columns.filter((c) => c.stage === stage.id).length * pitch - 4;
  const written = new Map(stages.map((s) => [s.id, { name: wrap(s.label, (spread(s) - 22) / 1.12, measure, 2).lines, caption: s.caption ? wrap(s.caption, (spread(s) - 26) / 0.86, measure, 2).lines : [] }]));
  const more = Math.max(0, ...[...written.values()].map(({ name, caption }) => 16 * (name.length - 1) + 13 * (Math.max(1, caption.length) - 1)));
  const head = stages.length ? HEAD + more : 8;
  const rowHeight = CORRIDOR + R + UNDER + 8 + tallest * LINE + LINE;
  const corridorY = (k) => head + k * rowHeight + CORRIDOR / 2;

  const at = new Map();
  columns.forEach((column, c) => column.nodes.forEach((node) => {
    at.set(node.id, { x: 10 + c * pitch + pitch / 2, y: head + row.get(node.id) * rowHeight + CORRIDOR + R, r: radius(node), column: c, row: row.get(node.id), lines: labels.get(node.id).lines });
  }));

  // Each line: leave sideways, change height in a gutter, cross other columns in a corridor, arrive sideways.
  const gutterX = (g) => 10 + g * pitch; // gutter g lies left of column g
  const routes = edges.map((edge) => {
    const a = at.get(edge.s), b = at.get(edge.t), route = { edge, a, b };
    if (edge.s === edge.t) return Object.assign(route, { kind: 'self' });
    if (a.column === b.column) {
      const right = b.row >= a.row;
      return Object.assign(route, { kind: 'bow', out: right ? 1 : -1, into: right ? 1 : -1, g1: right ? a.column + 1 : a.column });
    }
    const forward = b.column > a.column;
    Object.assign(route, { out: forward ? 1 : -1, into: forward ? -1 : 1, g1: forward ? a.column + 1 : a.column, g2: forward ? b.column : b.column + 1 });
    if (route.g1 === route.g2) return Object.assign(route, { kind: 'step' });
    let best = 0, least = Infinity;
    for (let k = 0; k <= H; k += 1) {
      const y = corridorY(k), cost = Math.abs(a.y - y) + Math.abs(b.y - y) + (k === 0 || k === H ? 12 : 0);
      if (cost < least - 1e-6) { least = cost; best = k; }
    }
    return Object.assign(route, { kind: 'far', k: best });
  });

  const group = (list, key) => {
    const found = new Map();
    for (const item of list) { const k = key(item); if (!found.has(k)) found.set(k, []); found.get(k).push(item); }
    return found.values();
  };
  const far = routes.filter((r) => r.kind === 'far'), through = routes.filter((r) => r.kind !== 'self');
  for (const set of group(far, (r) => r.k)) lanes(set.sort(by((r) => r.a.y + r.b.y, (r) => r.a.x, (r) => r.b.x)), CORRIDOR / 2 - 5, 3.5, (r, d) => { r.y = corridorY(r.k) + d; });
  const verticals = through.flatMap((r) => (r.kind === 'far' ? [{ r, end: 1, g: r.g1 }, { r, end: 2, g: r.g2 }] : [{ r, end: 1, g: r.g1 }]));
  for (const set of group(verticals, (v) => v.g)) lanes(set.sort(by((v) => (v.r.kind === 'far' ? v.r.y : v.r.b.y), (v) => v.r.a.y, (v) => v.r.b.y)), Math.min(18, gutter / 2 - 6), 3.5, (v, d) => { v.r['x' + v.end] = gutterX(v.g) + d; });
  const ports = through.flatMap((r) => [
    { r, end: 'sy', node: r.a, side: r.out, to: r.kind === 'far' ? r.y : r.b.y },
    { r, end: 'ty', node: r.b, side: r.into, to: r.kind === 'far' ? r.y : r.a.y },
  ]);
  for (const set of group(ports, (p) => `${p.node.column}/${p.node.row}/${p.side}`)) lanes(set.sort(by((p) => p.to, (p) => p.r.edge.s, (p) => p.r.edge.t)), set[0].node.r * 0.55, 4, (p, d) => { p.r[p.end] = p.node.y + d; });
  for (const r of routes) r.path = draw(r);

  const heads = stages.map((stage) => {
    const mine = columns.map((c, i) => (c.stage === stage.id ? i : -1)).filter((i) => i >= 0);
    return { stage, x: 10 + mine[0] * pitch, width: mine.length * pitch, tall: HEAD - 20 + more, ...written.get(stage.id) };
  });
  return { width: 20 + columns.length * pitch, height: head + H * rowHeight + CORRIDOR + 4, at, routes, heads, head, labelWidth: width, pitch };
}

const f = (v) => Math.round(v * 10) / 10;
const edgeOf = (node, y, side) => node.x + side * Math.sqrt(Math.max(0, node.r * node.r - (y - node.y) ** 2));

function draw(r) {
  const { a, b } = r;
  if (r.kind === 'self') {
    const x = a.x, y = a.y - a.r;
    r.mid = [x, y - 14];
    r.tip = null;
    r.down = [x - 6, y + 1];
    return `M${f(x + 7)},${f(y + 3)}C${f(x + 20)},${f(y - 20)} ${f(x - 20)},${f(y - 20)} ${f(x - 7)},${f(y - 1)}`;
  }
  const x0 = edgeOf(a, r.sy, r.out) + r.out * 1.5, x9 = edgeOf(b, r.ty, r.into) + r.into * 5;
  r.tip = { x: x9, y: r.ty, side: r.into };
  const turn = (from, to, x, dir) => {
    const d = Math.min(17, Math.abs(to - from) / 2 + 2);
    return `L${f(x - dir * d)},${f(from)}C${f(x)},${f(from)} ${f(x)},${f(to)} ${f(x + dir * d)},${f(to)}`;
  };
  if (r.kind === 'bow') {
    const x = r.x1, d = 12 * r.out;
    r.mid = [x, (r.sy + r.ty) / 2];
    const s = Math.sign(r.ty - r.sy) || 1, h = Math.min(14, Math.abs(r.ty - r.sy) / 2);
    return `M${f(x0)},${f(r.sy)}L${f(x - d)},${f(r.sy)}Q${f(x)},${f(r.sy)} ${f(x)},${f(r.sy + s * h)}L${f(x)},${f(r.ty - s * h)}Q${f(x)},${f(r.ty)} ${f(x - d)},${f(r.ty)}L${f(x9)},${f(r.ty)}`;
  }
  const dir = r.out;
  if (r.kind === 'step') {
    r.mid = [r.x1, (r.sy + r.ty) / 2];
    return `M${f(x0)},${f(r.sy)}${turn(r.sy, r.ty, r.x1, dir)}L${f(x9)},${f(r.ty)}`;
  }
  r.mid = [(r.x1 + r.x2) / 2, r.y];
  return `M${f(x0)},${f(r.sy)}${turn(r.sy, r.y, r.x1, dir)}${turn(r.y, r.ty, r.x2, dir)}L${f(x9)},${f(r.ty)}`;
}
