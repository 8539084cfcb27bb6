// The portal as its visitors meet it: a real `akashi demo`, a real Chromium, three ways of using it.
//
//   startAkashi()   the binary on a free port of 127.0.0.1 with an empty data folder; its URLs, its demo.json, its phones
//   openBrowser()   one Chromium for a test file
//   visit()         a person in a browser: the same verbs (open, press, fill, tick, choose, unfold) whether she uses a mouse,
//                   has no JavaScript, or has a small screen and only a keyboard, so that a walk is written once
//
// A visitor fails the test on what no page of ours may ever do: ask another host for anything, break its own content security
// policy, log an error, scroll sideways, or have an accessibility violation. There are no sleeps; everything waits for its cause.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Screenshots and server logs; kept by CI, not by git. */
export const artefacts = path.join(repository, 'tests', 'artefacts');

/** Seeding weeks of a town takes a few seconds in a debug build on a busy machine; ten times that is a hang. */
const START_SECONDS_MAX = 60;
/** A message passes the writer, the outbox and a loopback gateway: well under a second when all is well. */
const MESSAGE_SECONDS_MAX = 20;
/** More Tab presses than any page of ours has stops. */
const TAB_STOPS_MAX = 400;

// ---------------------------------------------------------------------------------------------------------------- server

/**
 * Starts `akashi demo` and waits until it says it is ready.
 *
 * The binary is `AKASHI_BIN`, else `target/debug/akashi`. Its output goes to `tests/artefacts/akashi-<port>.log`.
 * @returns {Promise<{url: string, demo: object, data: string, phone: (number: string) => Phone, stop: () => Promise<void>}>}
 *   `demo` is DIR/demo.json parsed; `stop` ends the process by its own id and removes its data.
 */
export async function startAkashi() {
  const binary = process.env.AKASHI_BIN ?? path.join(repository, 'target', 'debug', 'akashi');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = await mkdtemp(path.join(tmpdir(), 'akashi-browser-'));
  await mkdir(artefacts, { recursive: true });

  const log = createWriteStream(path.join(artefacts, `akashi-${port}.log`));
  const server = spawn(binary, ['demo', '--listen', `127.0.0.1:${port}`, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  const abandon = () => server.kill('SIGKILL'); // should the tests themselves be cut short
  process.once('exit', abandon);
  let lastWords = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (bytes) => {
      log.write(bytes);
      lastWords = (lastWords + bytes).slice(-2000);
    });
  }
  let end = null; // how it ended, once it has
  const ended = new Promise((resolve) => {
    server.once('error', (error) => resolve((end = error.message)));
    server.once('close', (code, signal) => resolve((end = `exit ${code ?? signal}`)));
  });

  async function stop() {
    server.kill('SIGTERM');
    const late = setTimeout(() => server.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
    process.off('exit', abandon);
    log.end();
    await rm(data, { recursive: true, force: true });
  }

  try {
    await waitUntil(`${binary} to answer ${url}/readyz`, START_SECONDS_MAX, async () => {
      if (end) throw new Error(`${binary} ended before it was ready (${end}):\n${lastWords}`);
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      return answer?.ok;
    });
    const demo = JSON.parse(await readFile(path.join(data, 'demo.json'), 'utf8'));
    return { url, demo, data, phone: (number) => new Phone(url, number), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One citizen's phone at the demonstration's SMS gateway. */
export class Phone {
  #messages;

  constructor(url, number) {
    this.#messages = `${url}/demo/phone/${encodeURIComponent(number)}/messages`;
  }

  /** All messages so far, oldest first, each with its `text`. */
  async messages() {
    const answer = await fetch(this.#messages, { headers: { accept: 'application/json' } });
    assert.equal(answer.status, 200, `GET ${this.#messages}`);
    const body = await answer.json();
    return Array.isArray(body) ? body : body.messages;
  }

  /** Waits for a message whose text matches, at or after position `from`; returns the match, so groups pick out codes. */
  async waitFor(pattern, { from = 0 } = {}) {
    let seen = [];
    return waitUntil(
      () => `an SMS matching ${pattern}; came: ${JSON.stringify(seen.map((message) => message.text))}`,
      MESSAGE_SECONDS_MAX,
      async () => {
        seen = (await this.messages()).slice(from);
        return seen.map((message) => message.text.match(pattern)).find((match) => match);
      },
    );
  }

  /** Sends a message from the phone to the service. */
  async reply(text) {
    const answer = await fetch(this.#messages, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
    assert.ok(answer.ok, `POST ${this.#messages}: ${answer.status}`);
  }
}

// --------------------------------------------------------------------------------------------------------------- browser

/** Chromium without a sandbox (tests run as root in CI) and without anything that talks to its maker. */
export async function openBrowser() {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=en-US', // fixes the order of the parts of a date field for the keyboard; pages follow the context's locale
    ],
  });
}

/** The three ways in which every walk is done. */
export const profiles = [
  { name: 'as-is', keyboard: false, options: { viewport: { width: 1280, height: 900 } } },
  { name: 'no-script', keyboard: false, options: { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false } },
  { name: 'phone-keyboard', keyboard: true, options: { viewport: { width: 360, height: 740 } } },
];

/** A fresh visitor (no cookies) of the portal at `url`, in one of `profiles`. Close her: that is when her complaints are heard. */
export async function visit(browser, url, profile) {
  const context = await browser.newContext({
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    reducedMotion: 'reduce', // nothing is measured half-way through a transition
    ...profile.options,
  });
  context.setDefaultTimeout(15_000);
  const complaints = [];
  await context.route(
    (target) => /^(https?|wss?):$/.test(target.protocol) && target.origin !== new URL(url).origin,
    (route) => {
      complaints.push(`request to another host: ${route.request().url()}`);
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  const devtools = await context.newCDPSession(page);
  return profile.keyboard
    ? new KeyboardVisitor(url, profile, page, devtools, complaints)
    : new MouseVisitor(url, profile, page, devtools, complaints);
}

/**
 * What all visitors can do. Names are accessible names: a string is the whole name, a RegExp a part of it.
 * For what is only read, use `page` and its locators.
 */
class Visitor {
  constructor(url, profile, page, devtools, complaints) {
    this.url = url;
    this.profile = profile;
    this.page = page;
    this.devtools = devtools;
    this.complaints = complaints;
  }

  async open(pathname) {
    return this.page.goto(new URL(pathname, this.url).href);
  }

  /** Does `act` and waits for the page that follows from it. */
  async #arrive(act) {
    const arrival = this.page.waitForEvent('framenavigated', (frame) => frame === this.page.mainFrame());
    await Promise.all([arrival, act()]);
    await this.page.waitForLoadState('load');
  }

  /** Presses a link or button that leads to a page; with `stays`, one that does not. */
  async press(role, name, { stays = false } = {}) {
    const act = () => this.activate(role, name);
    return stays ? act() : this.#arrive(act);
  }

  /** Everything a page must be, at this moment; keeps a screenshot as `<profile>-<name>.png`. */
  async check(name) {
    await mkdir(artefacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artefacts, `${this.profile.name}-${name}.png`), fullPage: true });
    const { width, shown, lang, title } = await this.page.evaluate(() => ({
      width: document.scrollingElement.scrollWidth,
      shown: window.innerWidth,
      lang: document.documentElement.lang,
      title: document.title,
    }));
    assert.ok(width <= shown, `${name}: the page is ${width} px wide on a screen of ${shown} px`);
    assert.match(lang, /^(ja|en)$/, `${name}: language of the page`);
    assert.ok(title, `${name}: title of the page`);
    const violations = await this.violations();
    assert.deepEqual(violations, [], `${name}: accessibility violations`);
    assert.deepEqual(this.complaints, [], `${name}: complaints`);
  }

  /**
   * axe on the page as it stands, contrast included: one line per violation and element.
   * It is injected through the debugger, where the page's security policy does not apply and where code runs even if the page's
   * may not. Timers alone never fire there, so a scriptless visitor's axe gets ones that come due at once.
   */
  async violations() {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate((scriptless) => {
      if (scriptless) {
        window.setTimeout = (due, _, ...given) => {
          Promise.resolve().then(() => due(...given));
          return 0;
        };
      }
      return window.axe.run(document, {
        preload: false, // would race a time-out that is due at once; feeds only the rules on orientation and media
        resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
    }, this.profile.options.javaScriptEnabled === false);
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  }

  /** Ends the visit; fails if anything was complained about. */
  async close() {
    await this.page.context().close();
    assert.deepEqual(this.complaints, [], 'complaints during the visit');
  }
}

class MouseVisitor extends Visitor {
  async activate(role, name) {
    await this.page.getByRole(role, { name, exact: true }).click();
  }

  async fill(name, value) {
    await this.page.getByLabel(name, { exact: true }).fill(value);
  }

  async tick(name) {
    await this.page.getByRole('checkbox', { name, exact: true }).or(this.page.getByRole('radio', { name, exact: true })).check();
  }

  async choose(name, option) {
    await this.page.getByRole('combobox', { name, exact: true }).selectOption({ label: option });
  }

  async unfold(name) {
    await this.page.locator('summary').filter({ hasText: name }).click();
  }
}

/** Uses Tab, arrows, Space, Enter and letters only, and insists on seeing where the focus is. */
class KeyboardVisitor extends Visitor {
  async activate(role, name) {
    await this.#tabTo(`${role} ${name}`, (focus) => focus.role === role && matches(name, focus.name));
    await this.page.keyboard.press('Enter');
  }

  async fill(name, value) {
    const focus = await this.#tabTo(`field ${name}`, (at) => /^(text|search|Date|spin)/.test(at.role) && matches(name, at.name));
    if (focus.role === 'Date') {
      const [year, month, day] = value.split('-');
      await this.page.keyboard.type(month + day + year);
    } else {
      await this.page.keyboard.press('Control+A');
      await this.page.keyboard.type(value);
    }
    assert.equal(await this.#ofFocus((element) => element.value), value, `what field ${name} holds after typing`);
  }

  /** A checkbox has a Tab stop of its own; a group of radio buttons has one, and arrows move inside it. */
  async tick(name) {
    const focus = await this.#tabTo(`checkbox or radio ${name}`, async (at) => {
      if (at.role === 'checkbox') return matches(name, at.name);
      return at.role === 'radio' && (await this.#radioNames()).some((radio) => matches(name, radio));
    });
    if (focus.role === 'checkbox') {
      if (!(await this.#ofFocus((element) => element.checked))) await this.page.keyboard.press('Space');
    } else {
      const radios = await this.#radioNames();
      for (let step = 0; step < radios.length && !matches(name, (await this.#focus()).name); step += 1) {
        await this.page.keyboard.press('ArrowDown');
      }
      if (!(await this.#ofFocus((element) => element.checked))) await this.page.keyboard.press('Space');
      assert.ok(matches(name, (await this.#focus()).name), `radio ${name} by arrows, among ${radios.join(' | ')}`);
    }
    assert.ok(await this.#ofFocus((element) => element.checked), `${name} is chosen`);
  }

  async choose(name, option) {
    await this.#tabTo(`list ${name}`, (focus) => focus.role === 'combobox' && matches(name, focus.name));
    const shown = () => this.#ofFocus((element) => element.selectedOptions[0]?.label.trim());
    await this.page.keyboard.press('Home');
    const options = await this.#ofFocus((element) => element.options.length);
    for (let step = 1; step < options && (await shown()) !== option; step += 1) await this.page.keyboard.press('ArrowDown');
    assert.equal(await shown(), option, `what list ${name} shows`);
  }

  async unfold(name) {
    await this.#tabTo(`summary ${name}`, (focus) => focus.role === 'DisclosureTriangle' && matches(name, focus.name));
    await this.page.keyboard.press('Enter');
  }

  /** Presses Tab until the focus is on what is `wanted`; each stop on the way must be visible and marked. */
  async #tabTo(description, wanted) {
    const passed = new Map();
    let last;
    for (let stop = 0; stop < TAB_STOPS_MAX; stop += 1) {
      await this.page.keyboard.press('Tab');
      const focus = await this.#focus();
      if (!focus) continue; // the turn from the last stop to the first
      // A date field is several stops in a row; anything else seen again means that we have been round the page.
      if (passed.has(focus.id) && focus.id !== last) break;
      passed.set(focus.id, `${focus.role} "${focus.name}"`);
      last = focus.id;
      assert.ok(focus.name, `a Tab stop has no name: ${focus.html}`);
      assert.ok(focus.marked, `the focus is not marked: ${focus.html}`);
      assert.ok(focus.uncovered, `the focus is out of sight or covered: ${focus.html}`);
      if (await wanted(focus)) return focus;
    }
    assert.fail(`no ${description} can be reached by Tab; passed:\n  ${[...passed.values()].join('\n  ')}`);
  }

  /** Role and name as Chromium tells them to assistive technology, and whether a sighted person sees the focus. */
  async #focus() {
    const { result } = await this.devtools.send('Runtime.evaluate', { expression: 'document.activeElement' });
    const { nodes } = await this.devtools.send('Accessibility.getPartialAXTree', { objectId: result.objectId, fetchRelatives: false });
    const [node] = nodes;
    const seen = await this.#ofFocus((element) => {
      if (element === document.body || element === document.documentElement) return null;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const middle = document.elementFromPoint(
        Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
        Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1),
      );
      return {
        html: element.outerHTML.slice(0, 160),
        marked: element.matches(':focus-visible, :focus-within') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        uncovered:
          box.bottom > 0 && box.top < innerHeight && middle !== null && (element.contains(middle) || middle.contains(element)),
      };
    });
    return seen && { id: node.backendDOMNodeId, role: node.role.value, name: node.name?.value.replace(/\s+/g, ' ').trim(), ...seen };
  }

  #ofFocus(read) {
    return this.page.evaluate(`(${read})(document.activeElement)`);
  }

  /** Names of the radio buttons in the group of the focused one, as their labels spell them. */
  #radioNames() {
    return this.#ofFocus((element) =>
      [...(element.form ?? document).querySelectorAll('input[type=radio]')]
        .filter((radio) => radio.name === element.name)
        .map((radio) => radio.labels[0]?.innerText.replace(/\s+/g, ' ').trim() ?? ''),
    );
  }
}

// ---------------------------------------------------------------------------------------------------------------- below

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

function matches(wanted, name = '') {
  return wanted instanceof RegExp ? wanted.test(name) : wanted === name;
}

function findChromium() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => path.join(folder, name)));
  for (const candidate of [process.env.CHROMIUM, ...candidates]) {
    if (!candidate) continue;
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not here; the next one
    }
  }
  throw new Error('no Chromium on PATH: install the package chromium, or name the program in CHROMIUM');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function waitUntil(what, seconds, attempt) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await attempt();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${typeof what === 'function' ? what() : what}`);
    await pause(100);
  }
}
