import { eq } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { unseal } from '@/lib/crypto/seal';
import { invite } from '@/lib/invitations/invite';
import { MAIL_PURPOSE } from '@/lib/mail/outbox';
import { emailField, firstNameField, tenantNameField } from '@/lib/users/fields';
import { actorOf, cast } from '../support/cast';

const HEADERS = ['Bcc: evil@x.example', 'Content-Type: text/html', '', '<script>alert(1)</script>'];
const RIDDLES = ['\r\n', '\n', '\r', '\u2028', '\u0085', '\v', '\0'].map((end) => `Acme${end}${HEADERS.join(end)}`);

test('no name becomes a header of a mail, nor a tag in it', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  for (const name of RIDDLES) {
    // Past the doors, which refuse these: what is in the tables by another way must not get out either. No text holds a NUL.
    const kept = name.replaceAll('\0', ' ');
    await db.update(tenants).set({ name: kept }).where(eq(tenants.id, acme.tenant.id));
    await db.update(users).set({ firstName: kept, lastName: kept }).where(eq(users.id, acme.ada.id));
    await db.delete(mails);
    const invited = await invite(ada, {
      email: 'new@x.example',
      firstName: kept,
      lastName: kept,
      role: 'standard_user',
    });
    expect(invited.ok).toBe(true);
    expect((await sendPasswordReset(ada, { userId: acme.sam.id })).ok).toBe(true);
    const waiting = await db.select().from(mails);
    expect(waiting).toHaveLength(2);
    for (const { contentSealed } of waiting) {
      const raw = unseal(contentSealed ?? '', MAIL_PURPOSE) ?? '';
      const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
      expect(head).not.toMatch(/^bcc:/im);
      expect(head.match(/^content-type:/gim)).toHaveLength(1);
      const { bcc, to, html, text } = await simpleParser(raw);
      expect([bcc, [to ?? []].flat().length]).toEqual([undefined, 1]);
      expect(html).not.toContain('<script');
      // The composer would keep them out of the head too; the words are ours alone.
      expect(text).not.toMatch(/^bcc:/im);
    }
  }
});

test('the doors let no line end and no NUL into a name or an address', () => {
  for (const name of RIDDLES.filter((name) => !name.includes('\u2028'))) {
    for (const field of [firstNameField, tenantNameField]) expect(field.safeParse(name).success).toBe(false);
    expect(emailField.safeParse(`a@x.example${name}`).success).toBe(false);
  }
  for (const address of [
    'a@x.example\r\nBcc: b@x.example',
    'a@x.example, b@x.example',
    '<a@x.example>',
    'a@x.example\0',
  ])
    expect(emailField.safeParse(address).success).toBe(false);
});
