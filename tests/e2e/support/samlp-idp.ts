import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { newKeys } from '../../support/rsa-keys';

const samlp = createRequire(import.meta.url)('samlp');

export type IdpUser = { email: string; firstName: string; lastName: string; groups?: string[] };

/** What Express would add, as far as `samlp` asks for it. */
function likeExpress(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const extra = { query: Object.fromEntries(url.searchParams), originalUrl: request.url, protocol: 'http' };
  const asked = Object.assign(request, extra);
  const answer = Object.assign(response, {
    set: (name: string, value: string) => response.setHeader(name, value),
    send: (body: string) => response.end(body),
  });
  return { url, asked, answer };
}

/** An identity provider by npm's `samlp`: whoever comes there is the person it was told last. */
export async function startSamlp() {
  const { privateKey: key, certificate: cert } = await newKeys();
  let user: IdpUser = { email: 'nobody@example.com', firstName: 'No', lastName: 'Body' };
  function profileMapper(person: IdpUser) {
    const nameIdentifierFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    return {
      getClaims: () => person,
      getNameIdentifier: () => ({ nameIdentifier: person.email, nameIdentifierFormat }),
    };
  }
  profileMapper.prototype.metadata = [];

  const server = createServer((request, response) => {
    const { url, asked, answer } = likeExpress(request, response);
    const issuer = 'urn:samlp:story';
    const failed = (error: unknown) => response.writeHead(500).end(String(error));
    if (url.pathname === '/metadata') {
      const endpoints = { redirectEndpointPath: '/sso', postEndpointPath: '/sso' };
      return samlp.metadata({ issuer, cert, profileMapper, ...endpoints })(asked, answer);
    }
    if (url.pathname !== '/sso') return response.writeHead(404).end();
    samlp.parseRequest(
      asked,
      {},
      (error: unknown, { assertionConsumerServiceURL: acs } = { assertionConsumerServiceURL: '' }) => {
        if (error) return failed(error);
        samlp.auth({
          issuer,
          cert,
          key,
          profileMapper,
          destination: acs,
          recipient: acs,
          signResponse: true,
          lifetimeInSeconds: 300,
          getUserFromRequest: () => user,
          getPostURL: (_audience: string, _dom: unknown, _request: unknown, done: (error: null, url: string) => void) =>
            done(null, acs),
        })(asked, answer, failed);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    metadata: async () => (await fetch(`${origin}/metadata`)).text(),
    /** From now on this person is signed in there. */
    becomes: (person: IdpUser) => {
      user = person;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
