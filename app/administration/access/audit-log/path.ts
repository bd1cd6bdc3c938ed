export const AUDIT_PATH = '/administration/access/audit-log';
