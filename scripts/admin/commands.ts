import { auditCommands } from './audit';
import { backupCommands } from './backups';
import type { Command } from './command';
import { invitationCommands } from './invitations';
import { keyCommands } from './keys';
import { samlCommands } from './saml';
import { scimTokenCommands } from './scim-tokens';
import { seedCommand } from './seed';
import { tenantCommands } from './tenants';
import { userCommands } from './users';

const under = (noun: string, verbs: Record<string, Command>) =>
  Object.fromEntries(Object.entries(verbs).map(([verb, command]) => [`${noun} ${verb}`, command]));

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...under('tenant', tenantCommands),
    ...under('user', userCommands),
    ...under('invitation', invitationCommands),
    ...under('scim-token', scimTokenCommands),
    ...under('saml', samlCommands),
    ...under('audit', auditCommands),
    ...under('keys', keyCommands),
    seed: seedCommand,
    ...backupCommands,
  }),
);
