export const SCIM_PATH = '/administration/access/scim';
