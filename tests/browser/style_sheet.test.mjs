// The style sheet's two promises: colours come from the tokens only, and every pair that carries meaning has enough contrast
// (WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for the edges and icons that tell a control or a state).

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { styleSheet } from './style_sheet.mjs';

const read = (name) => readFile(new URL(`../../portal/pages/static/${name}`, import.meta.url), 'utf8');
const withoutComments = (css) => css.replace(/\/\*[^]*?\*\//g, '');
const tokens = withoutComments(await read('tokens.css'));
const sheet = withoutComments(await styleSheet());
const definitions = new Map([...(tokens + sheet).matchAll(/^\s+(--[\w-]+):\s*([^;]+);/gm)].map(([, name, value]) => [name, value]));

test('every token that is used is defined, and the other way round', () => {
  const used = new Set([...sheet.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
  assert.deepEqual([...used].filter((name) => !definitions.has(name)), [], 'used, not defined');
  assert.deepEqual([...definitions.keys()].filter((name) => !used.has(name)), [], 'defined, not used');
});

// Marks are named by the page's code: `status--permit`, `event--permit`.
test('every class of the sheet is one a page has', async () => {
  const portal = new URL('../../portal/', import.meta.url);
  const pages = [];
  for (const folder of ['pages/templates', 'demo/templates', 'pages/src/frame']) {
    for (const name of await readdir(new URL(folder, portal))) {
      if (/\.(html|rs)$/.test(name)) pages.push(await readFile(new URL(`${folder}/${name}`, portal), 'utf8'));
    }
  }
  const used = new Set(pages.join('\n').match(/[a-z][\w-]*/g));
  const classes = new Set([...sheet.replace(/\{[^{}]*\}/g, '{}').matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name));
  assert.ok(classes.size > 100, `${classes.size} classes`);
  const marked = (name) => used.has(name.replace(/--[a-z]+$/, '--'));
  assert.deepEqual([...classes].filter((name) => !used.has(name) && !marked(name)), []);
});

test('no colour literal outside the tokens', async () => {
  const literal = /#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(|:\s*(?:white|black|gr[ae]y|red|green|blue|yellow|orange|navy)\b/gi;
  assert.deepEqual(sheet.match(literal), null, 'akashi.css');
  for (const name of ['icons.svg', 'mark.svg']) {
    const painted = [...(await read(name)).matchAll(/\b(?:fill|stroke|color|stop-color|flood-color)="([^"]+)"/g)].map(([, paint]) => paint);
    assert.deepEqual(painted.filter((paint) => paint !== 'none' && paint !== 'currentColor'), [], name);
  }
});

test('nothing is fetched by the style sheet', () => {
  assert.deepEqual((tokens + sheet).match(/url\(|@import|@font-face/g), null);
});

const states = ['good', 'wait', 'urgent', 'bad'];
const text = [
  ...['paper', 'ground', 'shade', 'key-tint'].flatMap((ground) => [['ink', ground], ['ink-soft', ground], ['link', ground]]),
  ...['paper', 'ground'].flatMap((ground) => [['link-hover', ground], ['link-visited', ground], ['key', ground], ['bad-line', ground]]),
  ...states.map((state) => [state, `${state}-tint`]),
  ['still', 'shade'], ['key', 'key-tint'], ['key-dark', 'key-tint'], ['bad', 'paper'], ['bad-darkest', 'bad-tint'],
  ['paper', 'key'], ['paper', 'key-dark'], ['paper', 'key-darkest'], ['paper', 'bad-line'], ['key-darkest', 'key-tint'],
  ['ink', 'focus-ring'], ['link', 'focus-ring'],
];
const edges = [
  ...states.flatMap((state) => [[`${state}-line`, 'paper'], [`${state}-line`, 'ground']]),
  ['key', 'paper'], ['key', 'ground'], ['line-field', 'paper'], ['line-field', 'ground'], ['still-line', 'shade'],
  ['focus', 'paper'], ['focus', 'ground'], ['focus', 'focus-ring'], ['focus-ring', 'key'], ['focus-ring', 'key-darkest'],
];
for (const [pairs, least] of [[text, 4.5], [edges, 3]]) {
  test(`contrast of at least ${least} to 1`, () => {
    const faint = pairs.map(([front, back]) => [front, back, contrast(front, back)]).filter(([, , ratio]) => ratio < least);
    assert.deepEqual(faint, []);
  });
}

function contrast(front, back) {
  const [lighter, darker] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(role) {
  let value = definitions.get(`--${role}`);
  for (let token; (token = value?.match(/^var\((--[\w-]+)\)$/)); ) value = definitions.get(token[1]);
  const [red, green, blue] = value.match(/[0-9a-f]{2}/g).map((hex) => {
    const share = parseInt(hex, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
