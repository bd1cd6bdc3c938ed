import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessible';
import { linkMailedTo, mailsTo } from './support/mail';
import { browserOf, expect, signIn, type Tenant, test, USERS } from './support/story';

const NEW_PASSWORD = 'cobalt windmill forty-two';

/** From the admin's form to the invited person's session, in one browser with scripts or one without. */
async function inviteAndAccept(page: Page, guest: Page, acme: Tenant): Promise<void> {
  const address = `grace.hopper@${acme.slug}.example`;
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByRole('link', { name: 'Invite User' }).click();
  await page.getByLabel('E-mail').fill('not an address');
  await page.getByLabel('First name').fill('Grace');
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Enter an e-mail address such as');
  await expect(page.getByLabel('First name')).toHaveValue('Grace');
  await page.getByLabel('E-mail').fill(address);
  await page.getByLabel('Tenant Admin').check();
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('status').first()).toContainText('invited Grace as Tenant Admin');

  const link = await linkMailedTo(address);
  const [mail] = await mailsTo(address);
  expect(mail?.subject).toBe('Ada Acme invites you to Acme');
  await page.reload();
  await expect(page.getByText('Accepted by the mail server')).toBeVisible();

  // A mail scanner opens the link first: that must not use it up.
  for (let i = 0; i < 2; i++) expect((await guest.request.get(link)).status()).toBe(200);
  await guest.goto(link);
  await expect(guest.getByRole('heading', { name: 'Join Acme' })).toBeVisible();
  await expect(guest.getByText('Ada Acme invited you.')).toBeVisible();
  await expect(guest.getByText(address)).toBeVisible();
  await expect(guest.getByLabel('First name')).toHaveValue('Grace');
  await guest.getByLabel('Last name').fill('Hopper');
  await guest.getByLabel('Password', { exact: true }).fill('short');
  await guest.getByRole('button', { name: 'Accept and sign in' }).click();
  await expect(guest.getByRole('alert').first()).toContainText('at least 12 characters');
  await expect(guest.getByLabel('Last name')).toHaveValue('Hopper');
  await guest.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
  await guest.getByRole('button', { name: 'Accept and sign in' }).click();
  await expect(guest.getByRole('heading', { name: 'Welcome, Grace' })).toBeVisible();
  await guest.goto(USERS);
  await expect(guest.getByRole('row', { name: /grace.hopper/ })).toContainText('Hopper');

  await guest.goto(link);
  await expect(guest.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible();
}

test('an admin invites, the person accepts from the mail and is in', async ({ page, browser, acme }) => {
  await inviteAndAccept(page, await (await browser.newContext()).newPage(), acme);
});

/** What a list would have asked about is asked of one person too, before anything is sent. */
async function doubted(page: Page, acme: Tenant): Promise<void> {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/invite`);
  await page.getByLabel('E-mail').fill('kim@gmial.com');
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The domain looks misspelt: gmail.com?');
  await expect(page.getByLabel('E-mail')).toHaveValue('kim@gmial.com');
  const boss = `boss@${acme.slug}.example`;
  await page.getByLabel('E-mail').fill(boss);
  await page.getByLabel('Tenant Admin').check();
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('status').first()).toContainText(`invited ${boss} as Tenant Admin`);
  await page.goto(`${USERS}/invite`);
  await page.getByLabel('E-mail').fill(boss);
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The role changes from Tenant Admin to Standard User.');
  await page.getByLabel('Send it all the same').check();
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('status').first()).toContainText('a new invitation');
  await page.goto(`${USERS}?q=gmial`);
  await expect(page.getByText('kim@gmial.com')).toHaveCount(0);
}

test('a misspelt domain, or somebody invited already, is asked about first', async ({ page, acme }) =>
  doubted(page, acme));

test.describe('without JavaScript', () => {
  test('so it is there', async ({ page, acme }) => doubted(page, acme));

  test.use({ javaScriptEnabled: false });
  test('the same of who was unticked', async ({ page, acme }) => nobodyChosen(page, acme));

  test('the same', async ({ page, browser, acme }) => {
    await inviteAndAccept(page, await (await browser.newContext({ javaScriptEnabled: false })).newPage(), acme);
  });
});

test('a resent invitation kills the old link; a revoked one is dead; a copied one works', async ({
  page,
  browser,
  acme,
}) => {
  const address = `ivy@${acme.slug}.example`;
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/invite`);
  await page.getByLabel('E-mail').fill(address);
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  const first = await linkMailedTo(address);

  await page.getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByRole('status').first()).toContainText('a new invitation');
  const second = await linkMailedTo(address, 2);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(first);
  await expect(guest.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible();
  await expectAccessible(guest, 'dead link');

  await page.getByRole('button', { name: 'Show the link to copy it' }).click();
  await expect(page.getByLabel('Invitation link')).toHaveValue(second);
  await guest.goto(second);
  await expect(guest.getByRole('button', { name: 'Accept and sign in' })).toBeVisible();
  await expectAccessible(guest, 'accept page');

  await page.getByRole('link', { name: 'Revoke' }).click();
  await expect(page.getByText('stops working at once')).toBeVisible();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Invitation revoked')).toBeVisible();
  await guest.getByLabel('First name').fill('Ivy');
  await guest.getByLabel('Last name').fill('Late');
  await guest.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
  await guest.getByRole('button', { name: 'Accept and sign in' }).click();
  await expect(guest.getByRole('alert').first()).toContainText('This link does not work any more');
});

test('somebody signed in as another user is offered to sign out and go on', async ({ page, browser, acme }) => {
  const address = `kim@${acme.slug}.example`;
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/invite`);
  await page.getByLabel('E-mail').fill(address);
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  const link = await linkMailedTo(address);

  const sam = await browserOf(browser, await acme.add('sam'));
  await sam.goto(link);
  await expect(sam.getByText(`This invitation is for ${address}.`)).toBeVisible();
  await sam.getByRole('button', { name: 'Sign out and go on' }).click();
  await expect(sam.getByRole('button', { name: 'Accept and sign in' })).toBeVisible();
});

test('many are invited by paste, each row with its verdict first', async ({ page, acme }) => {
  await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  await page
    .getByLabel('Addresses or CSV')
    .fill(
      `email,first name,last name,role\nnew1@${acme.slug}.example,New,One,\nNEW1@${acme.slug}.example,,,\nsam@${acme.slug}.example,,,\nada@gmial.com,,,\nbroken,,,\nboss@${acme.slug}.example,The,Boss,Tenant Admin`,
    );
  await page.getByRole('button', { name: 'Check the list' }).click();
  await expect(page.getByRole('heading', { name: '2 of 6 can be invited' })).toBeVisible();
  for (const words of ['Is a user already.', 'letter case aside', 'gmail.com?', 'Is not an e-mail address.']) {
    await expect(page.getByText(words)).toBeVisible();
  }
  await expectAccessible(page, 'review');
  await page.getByRole('button', { name: 'Send the invitations' }).click();
  await expect(page.getByText('2 people were invited.')).toBeVisible();
  await linkMailedTo(`new1@${acme.slug}.example`);
  expect(
    (await mailsTo(`boss@${acme.slug}.example`))[0]?.text ?? (await linkMailedTo(`boss@${acme.slug}.example`)),
  ).toBeTruthy();
  expect(await mailsTo('ada@gmial.com')).toEqual([]);
});

test('a list that a spreadsheet program wrote in UTF-16 is read', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  const list = `email\tfirst name\trole\njose@${acme.slug}.example\tJosé\t\nkim@${acme.slug}.example\t\tViewer`;
  const buffer = Buffer.from(`\uFEFF${list}`, 'utf16le');
  await page.getByLabel('Or a CSV file').setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer });
  await page.getByRole('button', { name: 'Check the list' }).click();
  await expect(page.getByRole('heading', { name: '1 of 2 can be invited' })).toBeVisible();
  await expect(page.getByRole('row', { name: /jose@/ })).toContainText('José');
  await expect(page.getByText('“Viewer” is not a role here.')).toBeVisible();
  await page.getByRole('link', { name: 'Change the list' }).click();
  await expect(page.getByLabel('Addresses or CSV')).toHaveValue(
    `email,first name,last name,role\njose@${acme.slug}.example,José,,\nkim@${acme.slug}.example,,,Viewer\n`,
  );
});

const nobodyChosen = async (page: Page, acme: Tenant) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  await page.getByLabel('Addresses or CSV').fill([1, 2].map((n) => `new${n}@${acme.slug}.example`).join('\n'));
  await page.getByRole('button', { name: 'Check the list' }).click();
  for (const n of [1, 2]) await page.getByLabel(`Invite new${n}@`).uncheck();
  await page.getByRole('button', { name: 'Send the invitations' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Choose');
  for (const n of [1, 2]) await expect(page.getByLabel(`Invite new${n}@`)).not.toBeChecked();
};

test('who was unticked stays so when the answer is that nobody is chosen', async ({ page, acme }) => {
  await nobodyChosen(page, acme);
  await page.getByLabel('Invite new1@').check();
  await page.getByRole('button', { name: 'Send the invitations' }).click();
  await expect(page.getByText('1 person was invited')).toBeVisible();
});

test('a list that is too long is said to be before it is sent, and nothing that was entered is lost', async ({
  page,
  acme,
}) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  await page.getByLabel('Tenant Admin').check();
  await page.getByLabel('Addresses or CSV').fill('kept@x.example');
  const file = (bytes: number) => ({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.alloc(bytes, 'a') });
  for (const bytes of [2_200_000, 8_000_000]) {
    await page.getByLabel('Or a CSV file').setInputFiles(file(bytes));
    await page.getByRole('button', { name: 'Check the list' }).click();
    await expect(page.getByText('This is too much at once: at most 2 MB.')).toBeVisible();
    await expect(page.getByLabel('Addresses or CSV')).toHaveValue('kept@x.example');
    await expect(page.getByLabel('Tenant Admin')).toBeChecked();
  }
});

test('two presses invite once', async ({ page, acme }) => {
  const address = `once@${acme.slug}.example`;
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  await page.getByLabel('Addresses or CSV').fill(address);
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Send the invitations' }).dblclick();
  await expect(page.getByText('1 person was invited')).toBeVisible();
  await linkMailedTo(address);
  await page.goto(`${USERS}?q=${address}`);
  await page.getByRole('link', { name: address }).click();
  await expect(page.locator('.trail').getByText(`invited ${address} as Standard User`)).toBeVisible();
  await expect(page.getByText('queued a new invitation')).toHaveCount(0);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('a list that is confirmed twice is one job', async ({ page, acme }) => {
    const address = `once@${acme.slug}.example`;
    await signIn(page, acme.admin);
    await page.goto(`${USERS}/import`);
    await page.getByLabel('Addresses or CSV').fill(`${address}\nNo address`);
    await page.getByRole('button', { name: 'Check the list' }).click();
    const sending = page.waitForRequest((request) => request.method() === 'POST');
    await page.getByRole('button', { name: 'Send the invitations' }).click();
    const request = await sending;
    await expect(page.getByText('1 person was invited')).toBeVisible();
    await page.request.post(request.url(), {
      headers: { 'content-type': String(request.headers()['content-type']) },
      data: request.postDataBuffer() ?? Buffer.alloc(0),
    });
    await page.goto(`${USERS}/jobs`);
    await expect(page.getByRole('row', { name: 'Invite many' })).toHaveCount(1);
    await linkMailedTo(address);
    expect(await mailsTo(address)).toHaveLength(1);
  });
});
