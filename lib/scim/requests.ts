import { type Answer, type Asked, allow, notFound } from './answers';
import { listResponse, resourceTypes, schemas, serviceProviderConfig } from './discovery';
import { ScimError } from './error';
import { group, groups } from './group-requests';
import { people, person } from './people-requests';
import type { Json } from './value';

/** Routes the endpoints of RFC 7644 to their handlers. */
export async function answer(asked: Asked): Promise<Answer> {
  const [first = '', second, ...rest] = asked.path;
  if (rest.length > 0) throw notFound();
  switch (first.toLowerCase()) {
    case 'users':
      return second === undefined ? people(asked) : person(asked, second);
    case 'groups':
      return second === undefined ? groups(asked) : group(asked, second);
    case 'serviceproviderconfig':
      return second === undefined
        ? discover(asked, serviceProviderConfig(), 'Asked what this server can do.')
        : absent();
    case 'resourcetypes':
      return discoverIn(asked, resourceTypes(), second);
    case 'schemas':
      return discoverIn(asked, schemas(), second);
    case 'me':
    case 'bulk':
    case '.search':
      throw new ScimError(501, `“/${first}” is not offered here; ServiceProviderConfig says what is.`);
    default:
      return absent();
  }
}

const absent = (): never => {
  throw notFound('There is no such endpoint.');
};

function discover(asked: Asked, body: Json, meaning: string): Answer {
  allow(asked, 'GET');
  if (asked.search.has('filter')) throw new ScimError(403, 'A filter cannot be used here (RFC 7644, 4).');
  return { status: 200, body, meaning };
}

function discoverIn(asked: Asked, all: Json[], id: string | undefined): Answer {
  if (id === undefined) return discover(asked, listResponse(all), 'Asked what this server can do.');
  const one = all.find((each) => String(each.id).toLowerCase() === id.toLowerCase());
  return one ? discover(asked, one, 'Asked what this server can do.') : absent();
}
