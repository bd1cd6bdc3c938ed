import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { ROLES } from '@/lib/actor';

/** The fields that people and machines fill in, parsed alike by every interface. */

/**
 * Includes lone surrogates, which the database cannot store, and bidirectional controls (UAX #9, 2.1 to 2.4), which would reverse
 * the rest of a sentence that contains the name.
 */
const CONTROL = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** A dot-atom of RFC 5322, 3.2.3, and a domain of letters, digits and hyphens with a dot in it. */
const ADDRESS =
  /^(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/**
 * Kept as typed, except that a non-ASCII domain is stored in its wire form (bücher.example as xn--bcher-kva.example, RFC 5891).
 * That form is unique, so look-alike domains stay distinct.
 */
export const emailField = z
  .string()
  .trim()
  .overwrite(withAsciiDomain)
  .min(1, 'Enter an e-mail address.')
  .max(254, 'An e-mail address has at most 254 characters.')
  .pipe(z.email({ pattern: ADDRESS, error: 'Enter an e-mail address such as ada@example.com.' }));

/**
 * Leaves what cannot be an address unchanged, to be refused later: checking a long text is slow, and `domainToASCII` would
 * truncate it.
 */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  const domain = address.slice(at);
  const isOther = address.length <= 254 && at > 0 && OTHER_LETTERS.test(domain);
  return isOther ? address.slice(0, at) + domainToASCII(domain) : address;
}
const OTHER_LETTERS = /^(?=.*[^a-z0-9.-])[\p{L}\p{M}\p{N}.-]+$/iu;

const nameField = (which: string) =>
  z
    .string()
    .trim()
    .max(100, `The ${which} may have at most 100 characters.`)
    .refine((name) => !CONTROL.test(name), `The ${which} must not contain control characters.`);

export const firstNameField = nameField('first name');
export const lastNameField = nameField('last name');

/** For people who enter their own name, which is required then. */
export const ownFirstNameField = firstNameField.min(1, 'Enter your first name.');
export const ownLastNameField = lastNameField.min(1, 'Enter your last name.');

export const roleField = z.enum(ROLES, 'Choose a role.');

/** Checks only that there is a password and that it is not too long. The command checks its strength. */
export const passwordField = z.string().min(1, 'Enter a password.').max(1024, 'The password is too long.');

export const codeField = z.string().trim().min(1, 'Enter the code.').max(40, 'This is no code of ours.');

const requiredName = (missing: string, most = 60) =>
  z
    .string()
    .trim()
    .min(1, missing)
    .max(most, `The name may have at most ${most} characters.`)
    .refine((name) => !CONTROL.test(name), 'The name must not contain control characters.');

export const passkeyNameField = requiredName('Give the passkey a name.');
export const tenantNameField = requiredName('Enter a name for the organisation.', 100);
export const keyNameField = requiredName('Enter a name that says what the key is for.');
export const tokenNameField = requiredName('Enter a name, such as that of the identity provider.');

export const idField = z.uuid('This is not an id of ours.');
export const tokenField = z.string().max(200);
