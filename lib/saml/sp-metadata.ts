import { generateServiceProviderMetadata } from '@node-saml/node-saml';
import { hashToken } from '@/lib/crypto/tokens';
import type { Tenant } from '@/lib/tenants/find';
import { acsUrlOf, entityIdOf, logoutUrlOf, NAME_ID_FORMAT } from './addresses';
import type { Connection } from './connection';
import { keyPairs } from './keys';

/** Our metadata, which a provider imports from one URL: entity id, addresses for responses, signing and decryption keys. */
export async function spMetadata({ slug }: Tenant, connection: Connection | null): Promise<string> {
  const pairs = await keyPairs();
  const [newest] = pairs;
  const xml = generateServiceProviderMetadata({
    issuer: entityIdOf(slug),
    callbackUrl: acsUrlOf(slug),
    logoutCallbackUrl: logoutUrlOf(slug),
    identifierFormat: NAME_ID_FORMAT,
    wantAssertionsSigned: connection?.strict ?? true,
    // A stable id, so that two downloads of the same content do not differ.
    generateUniqueId: () => `_${hashToken(entityIdOf(slug))}`,
    privateKey: newest.privateKey,
    publicCerts: pairs.map(({ certificate }) => certificate),
    decryptionPvk: newest.privateKey,
    decryptionCert: newest.certificate,
    signatureAlgorithm: 'sha256',
  });
  return connection?.signRequests ? xml : xml.replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"');
}
