// The portal's style sheet as it is served: the files of `portal/pages/static/sheet`, joined in the order of their names.

import { readFile, readdir } from 'node:fs/promises';

const SHEET = new URL('../../portal/pages/static/sheet/', import.meta.url);

export async function styleSheet() {
  const names = (await readdir(SHEET)).sort();
  return (await Promise.all(names.map((name) => readFile(new URL(name, SHEET), 'utf8')))).join('');
}
