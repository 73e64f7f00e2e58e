// Builds ../static from src and the packages pinned in package-lock.json; the built files are committed.
import { build } from 'esbuild';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ? path.resolve(process.argv[2]) : path.join(here, '..', 'static');
const common = { bundle: true, minify: true, charset: 'utf8', target: 'es2022', legalComments: 'none', logLevel: 'warning', metafile: true, absWorkingDir: here };

const built = [];
// anywidget wants an ES module; the report is one file under a strict policy, so it gets a plain script.
built.push(await build({ ...common, entryPoints: ['src/journeymap.js'], format: 'esm', outfile: path.join(out, 'journeymap.js') }));
built.push(await build({ ...common, entryPoints: ['src/workbench.js'], format: 'esm', outfile: path.join(out, 'workbench.js') }));
built.push(await build({ ...common, entryPoints: ['src/report.js'], format: 'iife', outfile: path.join(out, 'report.js') }));
built.push(await build({ ...common, entryPoints: ['src/notebook.js'], format: 'iife', outfile: path.join(out, 'notebook.js') }));
for (const style of ['journeymap.css', 'notebook.css', 'workbench.css']) {
  built.push(await build({ ...common, minify: false, entryPoints: [`src/${style}`], outfile: path.join(out, style) }));
}

const module_ = (name) => path.join(here, 'node_modules', name);
// The version is the one that plotly.py bears (a test holds that); its maps bring style sheets that no figure of ours needs.
const { version } = JSON.parse(readFileSync(path.join(module_('plotly.js'), 'package.json'), 'utf8'));
built.push(await build({
  ...common, target: 'es2020', entryPoints: ['src/plotly.js'], format: 'iife', outfile: path.join(out, 'plotly.js'),
  define: { global: 'window' }, loader: { '.css': 'empty' },
  banner: { js: `/**\n* plotly.js (bar, heatmap, sankey, scatter) v${version}\n* Copyright 2012-2026, Plotly, Inc.\n* All rights reserved.\n* Licensed under the MIT license\n*/` },
}));

// Whoever wrote a line that is in a built file is named, with the licence under which it may be passed on.
const folderOf = (file) => {
  const at = file.lastIndexOf('node_modules/') + 'node_modules/'.length;
  const [scope, name] = file.slice(at).split('/');
  return file.slice(0, at) + (scope.startsWith('@') ? `${scope}/${name}` : scope);
};
const inside = new Set(built.flatMap(({ metafile }) => Object.values(metafile.outputs))
  .flatMap(({ inputs }) => Object.entries(inputs).filter(([file, { bytesInOutput }]) => bytesInOutput && file.includes('node_modules/')))
  .map(([file]) => folderOf(file)));
const notices = [...inside].sort().map((folder) => {
  const { name, version: v, license } = JSON.parse(readFileSync(path.join(here, folder, 'package.json'), 'utf8'));
  const file = readdirSync(path.join(here, folder)).find((f) => /^(licen[cs]e|copying)/i.test(f));
  const text = file ? readFileSync(path.join(here, folder, file), 'utf8').trim() : '(it brings no text of its licence)';
  return `${name} ${v} (${license})\n\n${text.replaceAll('\r', '')}\n`;
});
const head = 'The files in this folder are built by ../frontend/build.mjs and contain the following packages.\n';
writeFileSync(path.join(out, 'LICENSES.txt'), [head, ...notices].join('\n' + '-'.repeat(78) + '\n\n'));
