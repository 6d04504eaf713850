//! Money: whole minor units of one currency, never a fraction.

use super::Invalid;

/// What something costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// In minor units of the currency, such as cents; 0 is free.
    pub(crate) minor: i64,
    /// The currency.
    pub(crate) currency: Currency,
}

impl Price {
    /// The highest price, in minor units.
    pub(crate) const MAX_MINOR: i64 = 1_000_000_000;

    /// A price out of an amount and a currency code.
    pub(crate) fn parse(minor: i64, currency: &str) -> Result<Self, Invalid> {
        if !(0..=Self::MAX_MINOR).contains(&minor) {
            return Err(Invalid::new(format!("`price_minor` must be between 0 and {}", Self::MAX_MINOR)));
        }
        Ok(Self { minor, currency: Currency::parse(currency)? })
    }

    /// Whether nothing is to be paid.
    pub(crate) fn is_free(&self) -> bool {
        self.minor == 0
    }

    /// `percent` of it in minor units, rounded down; all of it from 100 on.
    pub(crate) fn share(&self, percent: u8) -> i64 {
        // A price of at most 10⁹ times 100 stays far within 64 bits.
        self.minor * i64::from(percent.min(100)) / 100
    }
}

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Currency(&'static str);

impl Currency {
    /// The currency with the given code, in capitals.
    pub(crate) fn parse(code: &str) -> Result<Self, Invalid> {
        let known = CODES.split_ascii_whitespace().find(|known| *known == code);
        known.map(Self).ok_or_else(|| Invalid::new("`currency` must be an ISO 4217 code, such as EUR"))
    }

    /// Its code.
    pub(crate) fn as_str(&self) -> &'static str {
        self.0
    }
}

/// ISO 4217, table A.1, without funds, metals and codes for testing: what people pay with.
const CODES: &str = "
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_and_currencies_are_checked() {
        assert!(Price::parse(0, "EUR").unwrap().is_free());
        assert!(Price::parse(Price::MAX_MINOR, "JPY").is_ok());
        for (minor, currency) in
            [(-1, "EUR"), (Price::MAX_MINOR + 1, "EUR"), (1, "eur"), (1, "EURO"), (1, ""), (1, "XXX")]
        {
            assert!(Price::parse(minor, currency).is_err(), "{minor} {currency}");
        }
    }

    proptest! {
        #[test]
        fn a_share_is_never_more_than_the_whole(minor in 0..=Price::MAX_MINOR, percent: u8) {
            let price = Price::parse(minor, "EUR").unwrap();
            let share = price.share(percent);
            prop_assert!((0..=minor).contains(&share));
            prop_assert_eq!(price.share(100), minor);
            prop_assert_eq!(price.share(0), 0);
            prop_assert!(percent == u8::MAX || share <= price.share(percent + 1));
        }
    }
}
