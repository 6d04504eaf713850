//! The problems of this domain, beside those that every service knows (`chassis::problem::codes`).

chassis::problem_codes! {
    INVALID_CREDENTIALS = 401 "invalid_credentials" "E-mail or password is wrong";
    WRONG_PASSWORD = 403 "wrong_password" "That is not the current password";
    PASSWORD_UNACCEPTABLE = 422 "password_unacceptable" "Choose another password";
    EMAIL_TAKEN = 409 "email_taken" "There is an account with this e-mail address";
    REFRESH_TOKEN_INVALID = 401 "refresh_token_invalid" "A valid refresh token is needed";
    REFRESH_TOKEN_REUSED = 401 "refresh_token_reused" "This refresh token was used before; its session has been ended";
    SESSION_ENDED = 401 "session_ended" "The session has ended; log in again";
    FOREIGN_ORIGIN = 403 "foreign_origin" "Pages of another origin may not do this";
    LAST_ADMIN = 409 "last_admin" "Somebody must be left who can administer";
    KEY_KNOWN = 409 "key_known" "This signing key is or was in use here";
    CLIENT_TAKEN = 409 "client_taken" "There is a client of this name, or there was one";
    ADMIN_LINK_INVALID = 403 "admin_link_invalid" "The link is not valid, was used, or an administrator exists";
}
