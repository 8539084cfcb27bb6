// What only a browser can tell of people's eyes and hands: text twice as large, the warning before the time is over, where the
// focus is after a mistake, Back, and how many sheets of paper a page takes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, profiles, startAkashi, visit } from './lib.mjs';

const phone = profiles.find(({ name }) => name === 'phone-keyboard');
/** The keyboard is tried in walk.test.mjs; here it would only be slow. */
const thumb = { ...phone, name: 'phone', keyboard: false };

let akashi;
let browser;
let visitor;
before(async () => {
  [akashi, browser] = await Promise.all([startAkashi(), openBrowser()]);
  visitor = await visit(browser, akashi.url, thumb);
  const { page } = visitor;
  const citizen = akashi.demo.citizens.find(({ id }) => id === 'haruka') ?? akashi.demo.citizens[0];
  const seen = (await akashi.phone(citizen.phone).messages()).length;
  await visitor.open('/sign-in?lang=ja');
  await visitor.fill(/^登録した携帯電話の番号/, citizen.phone.replace('+81', '0'));
  await visitor.press('button', 'SMSで確認コードを受け取る');
  const [, code] = await akashi.phone(citizen.phone).waitFor(/ログインの確認コード[^]*?(?<!\d)(\d{6})(?!\d)/, { from: seen });
  await visitor.fill(/^SMSで届いた確認コード/, code);
  await visitor.press('button', 'ログイン');
  await visitor.open('/step-up');
  await page.getByLabel(/^回復コード/).fill(citizen.recovery_code);
  await visitor.press('button', '開く');
});
after(async () => {
  await visitor?.page.context().close();
  await browser?.close();
  await akashi?.stop();
});

test('text twice as large is read without scrolling sideways and not one character a line', async () => {
  const { page } = visitor;
  for (const place of ['/', '/me', '/me/history', '/me/consents', '/me/contacts', '/me/time', '/me/keys', '/audit', '/accessibility']) {
    await visitor.open(place);
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    const found = await page.evaluate(() => {
      const inView = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
      const texts = [...document.querySelectorAll('main dd, main dt, main p, main .status')].filter(inView);
      const size = (element) => parseFloat(getComputedStyle(element).fontSize);
      const narrow = texts.filter((element) => element.innerText.trim().length > 4 && element.getBoundingClientRect().width < 3.5 * size(element));
      const outside = texts.filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
      return { width: document.scrollingElement.scrollWidth, narrow: narrow.map((e) => e.outerHTML), outside: outside.map((e) => e.outerHTML) };
    });
    assert.ok(found.width <= 360, `${place}: ${found.width} px wide`);
    assert.deepEqual([found.narrow, found.outside], [[], []], place);
    await page.screenshot({ path: `${new URL('../artefacts/', import.meta.url).pathname}large${place.replaceAll('/', '-')}.png`, fullPage: true });
  }
});

test('type on a telephone is large enough', async () => {
  await visitor.open('/me/history');
  const size = (selector) => visitor.page.locator(selector).first().evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  assert.equal(await size('body'), 18);
  assert.equal(await size('.menu__link'), 16);
  assert.ok((await size('.event__body p')) >= 18);
});

/** The form of a consent, with nothing ticked. */
async function consentForm() {
  await visitor.open('/me/consents/new');
  await visitor.press('link', 'ひなた中央総合病院');
  await visitor.press('link', 'みどり薬局');
}

test('two minutes before the time is over a warning appears by itself, and what is typed stays', async () => {
  const { page } = visitor;
  await consentForm();
  const warning = page.locator('.closes');
  assert.equal(await warning.isVisible(), false);
  await page.locator('#until').fill('2027-01-31');
  // Thirteen minutes on, by the clock of the animation.
  const after = (millis) => page.evaluate((at) => document.getAnimations().forEach((one) => { one.currentTime = at; }), millis);
  await after(779_000);
  assert.equal(await warning.isVisible(), false);
  await after(780_001);
  assert.equal(await warning.isVisible(), true);
  await visitor.check('closes-soon');
  const [opened] = await Promise.all([page.context().waitForEvent('page'), warning.getByRole('link').click()]);
  await opened.waitForLoadState('load');
  assert.match(await opened.locator('main').innerText(), /まで開いています[^]*元の画面に戻って続けられます/);
  await opened.close();
  assert.equal(await page.locator('#until').inputValue(), '2027-01-31');
});

test('after a mistake the focus is on the list of mistakes, and leads to them', async () => {
  const { page } = visitor;
  await consentForm();
  await visitor.press('button', '確認へ進む');
  visitor.complaints.length = 0; // Chromium calls a page with status 422 an error
  assert.match(await page.title(), /^エラー：/);
  const focused = () => page.evaluate(() => document.activeElement.id);
  assert.equal(await focused(), 'errors');
  await page.keyboard.press('Tab');
  const leadsTo = await page.evaluate(() => document.activeElement.hash);
  await page.keyboard.press('Enter');
  assert.equal(`#${await focused()}`, leadsTo);
});

test('Back shows the page before, and never asks to send a form again', async () => {
  const { page } = visitor;
  await visitor.open('/me/counter-code');
  await visitor.press('button', /番号/);
  const shown = new URL(page.url());
  const number = await page.locator('.figure-number').innerText();
  assert.match(shown.search, /^\?shown=[\w-]{22}$/);
  await visitor.open('/me/keys');
  await page.goBack();
  assert.equal(await page.locator('.figure-number').innerText(), number);
  await page.reload();
  assert.equal(await page.locator('.figure-number').innerText(), number);
});

test('a receipt and a secret sheet take one sheet of paper each', async () => {
  const { page } = visitor;
  const sheets = async (place) => {
    await visitor.open(place);
    const paper = await page.pdf({ format: 'A4' });
    return paper.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g).length;
  };
  await visitor.open('/me/history');
  const record = await page.locator('a.more').first().getAttribute('href');
  await visitor.open('/me/consents');
  const consent = await page.locator('a[href$="/receipt"]').first().getAttribute('href');
  for (const place of [`${record}/receipt`, consent, '/me/keys/history-key']) {
    assert.equal(await sheets(place), 1, place);
  }
});
