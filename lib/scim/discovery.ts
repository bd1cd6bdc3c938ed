import { env } from '@/lib/env';
import { DEFAULT_COUNT, MOST_COUNT } from './query';
import { ENTERPRISE, GROUP_TYPE, type ResourceType, SCHEMAS, USER_TYPE } from './schema';
import { BASE, locationOf } from './user-resource';
import type { Json } from './value';

/** Service discovery (RFC 7643, 5 to 7; RFC 9865, 4). Announces only what is implemented. */
const at = (path: string) => `${env().APP_URL}${BASE}${path}`;

export const serviceProviderConfig = (): Json => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MOST_COUNT },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: DEFAULT_COUNT,
    maxPageSize: MOST_COUNT,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token made on the page “SCIM Provisioning”, in the header Authorization: Bearer',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: at('/ServiceProviderConfig') },
});

const resourceType = ({ name, endpoint, schema }: ResourceType): Json => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: name,
  name,
  endpoint,
  description: name === 'User' ? 'A person' : 'A group of people',
  schema,
  ...(name === 'User' ? { schemaExtensions: [{ schema: ENTERPRISE, required: false }] } : {}),
  meta: { resourceType: 'ResourceType', location: locationOf('/ResourceTypes', name) },
});

export const resourceTypes = (): Json[] => [USER_TYPE, GROUP_TYPE].map(resourceType);

export const schemas = (): Json[] =>
  SCHEMAS.map((schema) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    meta: { resourceType: 'Schema', location: locationOf('/Schemas', schema.id) },
  }));

export const listResponse = (resources: Json[], page: Json = { totalResults: resources.length }): Json => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  ...page,
  itemsPerPage: resources.length,
  Resources: resources,
});
