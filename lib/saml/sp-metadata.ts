import { generateServiceProviderMetadata } from '@node-saml/node-saml';
import { hashToken } from '@/lib/crypto/tokens';
import type { Tenant } from '@/lib/tenants/find';
import { acsUrlOf, entityIdOf, logoutUrlOf, NAME_ID_FORMAT } from './addresses';
import type { Connection } from './connection';
import { keyPairs } from './keys';

/** What a provider takes over by one address: who we are, where answers go, by which keys we sign and decrypt. */
export async function spMetadata({ slug }: Tenant, connection: Connection | null): Promise<string> {
  const pairs = await keyPairs();
  const [newest] = pairs;
  const xml = generateServiceProviderMetadata({
    issuer: entityIdOf(slug),
    callbackUrl: acsUrlOf(slug),
    logoutCallbackUrl: logoutUrlOf(slug),
    identifierFormat: NAME_ID_FORMAT,
    wantAssertionsSigned: connection?.strict ?? true,
    // The same for the same content: whoever compares two downloads sees no change where there is none.
    generateUniqueId: () => `_${hashToken(entityIdOf(slug))}`,
    privateKey: newest.privateKey,
    publicCerts: pairs.map(({ certificate }) => certificate),
    decryptionPvk: newest.privateKey,
    decryptionCert: newest.certificate,
    signatureAlgorithm: 'sha256',
  });
  return connection?.signRequests ? xml : xml.replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"');
}
