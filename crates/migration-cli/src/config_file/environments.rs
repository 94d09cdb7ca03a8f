//! The environments of a settings file: `[env.NAME]`, and `default_env`.

use super::{FileSettings, Problem, Raw, of_layer};

/// The longest name that the marker in a database can hold, in bytes.
const LONGEST: usize = 255;

/// The settings of the file with those of its environments.
pub(super) fn of_file(mut raw: Raw) -> Result<FileSettings, Problem> {
    let (sections, default) = (std::mem::take(&mut raw.env), raw.default_env.take());
    if let Some(protected) = &raw.protected {
        return Err(Problem {
            message: "`protected` is for an environment: write it below `[env.NAME]`".to_owned(),
            span: protected.span(),
        });
    }
    let mut file = of_layer(raw)?;
    for (name, section) in sections {
        let of_file = section.default_env.as_ref().map(|default| ("default_env", default.span()));
        let of_file = of_file.or_else(|| section.env.keys().next().map(|name| ("env", name.span())));
        if let Some((key, span)) = of_file {
            let message = format!("`{key}` can't stand in an environment");
            return Err(Problem { message, span });
        }
        if name.get_ref().is_empty()
            || name.get_ref().len() > LONGEST
            || name.get_ref().contains(char::is_control)
        {
            let message = format!("an environment's name has 1 to {LONGEST} bytes and no control characters");
            return Err(Problem { message, span: name.span() });
        }
        file.env.insert(name.into_inner(), of_layer(section)?);
    }
    if let Some(default) = default {
        if !file.env.contains_key(default.get_ref()) {
            let message = format!("`default_env`: there is no `[env.{}]`", default.get_ref());
            return Err(Problem { message, span: default.span() });
        }
        file.default_env = Some(default.into_inner());
    }
    Ok(file)
}
