import type { Command } from './command';
import { invitationCommands } from './invitations';
import { seedCommand } from './seed';
import { tenantCommands } from './tenants';
import { userCommands } from './users';

export const COMMANDS: Record<string, Record<string, Command>> = {
  tenant: tenantCommands,
  user: userCommands,
  invitation: invitationCommands,
  // "seed" has no verb of its own: its options follow at once.
  seed: { '': seedCommand },
};
