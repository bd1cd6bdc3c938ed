import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { type ParsedMail, simpleParser } from 'mailparser';

const dir = () => String(process.env.E2E_MAIL_DIR);

/** The mails that arrived at this address by SMTP, oldest first. Other stories have thousands there: few are parsed. */
export async function mailsTo(address: string): Promise<ParsedMail[]> {
  const wanted = address.toLowerCase();
  const files = (await readdir(dir())).sort();
  const raws = await Promise.all(files.map((file) => readFile(join(dir(), file), 'utf8')));
  const mails = await Promise.all(
    raws.filter((raw) => raw.toLowerCase().includes(wanted)).map((raw) => simpleParser(raw)),
  );
  return mails.filter(({ to }) => [to ?? []].flat().some(({ text }) => text.toLowerCase() === wanted));
}

/** Waits for the nth mail to the address, and gives the link in it. */
export async function linkMailedTo(address: string, nth = 1): Promise<string> {
  await expect
    .poll(async () => (await mailsTo(address)).length, { message: `mail to ${address}` })
    .toBeGreaterThanOrEqual(nth);
  const mail = (await mailsTo(address))[nth - 1];
  return /https?:\/\/\S+/.exec(mail?.text ?? '')?.[0] ?? '';
}

/** The link in the newest mail whose subject begins so. */
export async function linkUnder(subject: string, address: string): Promise<string> {
  const found = async () => (await mailsTo(address)).filter((mail) => mail.subject?.startsWith(subject)).at(-1);
  await expect.poll(async () => (await found()) !== undefined, { message: `“${subject}” to ${address}` }).toBe(true);
  return /https?:\/\/\S+/.exec((await found())?.text ?? '')?.[0] ?? '';
}
