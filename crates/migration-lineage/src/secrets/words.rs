//! Words that tell of a secret.

/// What a name with one of these in it is about.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "credential",
    "apikey",
    "accesskey",
    "privatekey",
    "encryptionkey",
    "authenticationstring",
];

/// The same as a word, or as a word of a name in snake or camel case.
const WORDS: &[&str] = &["pass", "pwd", "pswd", "psw", "pw", "token", "identified", "pin", "otp"];

/// Parameters of addresses that are keys.
const PARAMETERS: &[&str] = &["key", "hexkey", "textkey", "sig", "signature", "auth"];

/// Functions whose arguments are keys, or what is to be hidden by them.
const FUNCTIONS: &[&str] = &[
    "crypt",
    "pgp_sym_encrypt",
    "pgp_sym_decrypt",
    "pgp_sym_encrypt_bytea",
    "pgp_sym_decrypt_bytea",
    "pgp_pub_decrypt",
    "pgp_pub_decrypt_bytea",
    "encrypt",
    "decrypt",
    "encrypt_iv",
    "decrypt_iv",
    "hmac",
    "encode",
    "aes_encrypt",
    "aes_decrypt",
    "des_encrypt",
    "des_decrypt",
    "old_password",
    "sqlcipher_export",
];

/// What is in every text with a secret that can be found; most texts have nothing of it.
const HINTS: &[&str] = &[
    "pass",
    "pwd",
    "pswd",
    "psw",
    "pw",
    "token",
    "identified",
    "pin",
    "otp",
    "secret",
    "credential",
    "key",
    "crypt",
    "hmac",
    "encode",
    "bearer",
    "auth",
    "sig",
    "curl",
    "://",
    "user",
    "role",
    "group",
    "grant",
    "failing row",
];

/// Whether to look closer.
pub(super) fn may_hold_a_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    HINTS.iter().any(|hint| text.contains(hint))
}

/// Whether what goes by this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let joined: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    PARTS.iter().any(|part| joined.contains(part))
        || pieces(name).any(|piece| WORDS.contains(&piece.as_str()))
}

/// Whether a parameter of an address is a key: `key`, `sig`, `X-Amz-Signature`.
pub(super) fn is_parameter(name: &str) -> bool {
    pieces(name).last().is_some_and(|piece| PARAMETERS.contains(&piece.as_str()))
}

/// Whether a text has such a name among its words.
pub(super) fn mentions_a_secret(text: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(is_secret)
}

/// Whether the arguments of this function are secrets.
pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|function| function.eq_ignore_ascii_case(name))
}

/// The words of a name: `userPwd` and `user_pwd` have two.
fn pieces(name: &str) -> impl Iterator<Item = String> {
    let mut found = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        let begins = !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower);
        if begins {
            found.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(last) = found.last_mut()
        {
            last.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    found.into_iter().filter(|piece| !piece.is_empty())
}
