import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { PasskeyAnswer } from '@/lib/mfa/passkeys';

/** A WebAuthn authenticator in software: real keys, real signatures, and the mistakes a test wants it to make. */
const RP_ID = 'rollcall.test';
const ORIGIN = 'http://rollcall.test';
const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 };

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();
const base64url = (data: Buffer) => data.toString('base64url');

/** CBOR (RFC 8949) of what is needed here: byte strings, texts, small integers, maps. */
const head = (major: number, n: number) =>
  n < 24
    ? Buffer.from([(major << 5) | n])
    : n < 256
      ? Buffer.from([(major << 5) | 24, n])
      : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
const bytes = (data: Buffer) => Buffer.concat([head(2, data.length), data]);
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const int = (n: number) => (n >= 0 ? head(0, n) : head(1, -1 - n));
const map = (entries: [Buffer, Buffer][]) => Buffer.concat([head(5, entries.length), ...entries.flat()]);

type Options = { verified?: boolean; origin?: string; counter?: number };

export class Authenticator {
  readonly id = randomBytes(16);
  private readonly key: KeyObject;
  private readonly publicKey: Buffer;
  private counter = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.key = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    // COSE_Key (RFC 9053, 7.1.1): EC2, ES256, P-256.
    this.publicKey = map([
      [int(1), int(2)],
      [int(3), int(-7)],
      [int(-1), int(1)],
      [int(-2), bytes(Buffer.from(x, 'base64url'))],
      [int(-3), bytes(Buffer.from(y, 'base64url'))],
    ]);
  }

  private authData(flags: number, counter: number, attested = Buffer.alloc(0)) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(RP_ID), Buffer.from([flags]), count, attested]);
  }

  private answer(response: Record<string, string>): PasskeyAnswer {
    return {
      id: base64url(this.id),
      rawId: base64url(this.id),
      type: 'public-key',
      response,
      clientExtensionResults: {},
    } as never;
  }

  create(challenge: string, { verified = true, origin = ORIGIN }: Options = {}): PasskeyAnswer {
    const length = Buffer.from([0, this.id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.publicKey]);
    const flags = FLAGS.present | FLAGS.attested | (verified ? FLAGS.verified : 0);
    const attestation = map([
      [text('fmt'), text('none')],
      [text('attStmt'), map([])],
      [text('authData'), bytes(this.authData(flags, this.counter, attested))],
    ]);
    const client = Buffer.from(JSON.stringify({ type: 'webauthn.create', challenge, origin, crossOrigin: false }));
    return this.answer({ clientDataJSON: base64url(client), attestationObject: base64url(attestation) });
  }

  get(challenge: string, { verified = true, origin = ORIGIN, counter }: Options = {}): PasskeyAnswer {
    this.counter = counter ?? this.counter + 1;
    const data = this.authData(FLAGS.present | (verified ? FLAGS.verified : 0), this.counter);
    const client = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
    const signature = sign('sha256', Buffer.concat([data, sha256(client)]), this.key);
    return this.answer({
      clientDataJSON: base64url(client),
      authenticatorData: base64url(data),
      signature: base64url(signature),
    });
  }
}
