//! Proves that `src/generated` is what `proto/` says; `UPDATE_GENERATED=1` writes it anew.

use std::{fs, path::Path};

const CONTRACTS: &[&str] = &[
    "signet/auth/v1/revocations.proto",
    "signet/payments/v1/payments.proto",
    "signet/appointments/v1/appointments.proto",
];

#[test]
fn generated_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = tempfile::tempdir().unwrap();
    let descriptors = protox::compile(CONTRACTS, [root.join("../../proto")]).unwrap();
    let builder = tonic_prost_build::configure().codec_path("crate::codec::SmallCodec");
    builder.out_dir(fresh.path()).compile_fds(descriptors).unwrap();
    for file in fs::read_dir(fresh.path()).unwrap() {
        let (name, path) = file.map(|file| (file.file_name(), file.path())).unwrap();
        let committed = root.join("src/generated").join(&name);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::copy(&path, &committed).unwrap();
        }
        let same = fs::read_to_string(&committed).ok() == fs::read_to_string(&path).ok();
        assert!(same, "{} differs from proto/: UPDATE_GENERATED=1 cargo test -p wire", name.display());
    }
}
