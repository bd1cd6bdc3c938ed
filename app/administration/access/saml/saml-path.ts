export const SAML_PATH = '/administration/access/saml';
