//! Columns as a Parquet schema: everything may be null, lists have three levels.

use std::sync::Arc;

use ::parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::errors::Result;
use ::parquet::schema::types::{Type, TypePtr};

use crate::spec::{Column, Columns, Unit};

/// Bytes of a decimal with more than 18 digits.
pub(super) const DECIMAL_BYTES: usize = 16;
/// Digits of a decimal that are 64 bits.
pub(super) const LONG_DIGITS: u8 = 18;

/// The schema of a file.
pub(super) fn of(columns: &Columns) -> Result<TypePtr> {
    let fields = columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_>>()?;
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn field(name: &str, column: &Column) -> Result<TypePtr> {
    let group = |fields: Vec<TypePtr>, logical: Option<LogicalType>| {
        let group = Type::group_type_builder(name).with_repetition(Repetition::OPTIONAL);
        Ok(Arc::new(group.with_fields(fields).with_logical_type(logical).build()?))
    };
    let (physical, logical) = match column {
        Column::Object(columns) => {
            let fields = columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_>>()?;
            return group(fields, None);
        }
        Column::List(element) => {
            let element = field("element", element)?;
            let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
            return group(vec![Arc::new(list.with_fields(vec![element]).build()?)], Some(LogicalType::List));
        }
        Column::Bool => (Physical::BOOLEAN, None),
        Column::Int => (Physical::INT64, None),
        Column::Uint => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Column::Float => (Physical::DOUBLE, None),
        Column::Decimal { precision, scale } => {
            let logical = LogicalType::decimal(i32::from(*scale), i32::from(*precision));
            let physical =
                if *precision > LONG_DIGITS { Physical::FIXED_LEN_BYTE_ARRAY } else { Physical::INT64 };
            (physical, Some(logical))
        }
        Column::String => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Column::Timestamp(unit) => (Physical::INT64, Some(LogicalType::timestamp(true, counted(*unit)))),
        Column::Datetime(unit) => (Physical::INT64, Some(LogicalType::timestamp(false, counted(*unit)))),
        Column::Date => (Physical::INT32, Some(LogicalType::Date)),
        Column::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Column::Binary => (Physical::BYTE_ARRAY, None),
    };
    let mut builder = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if let Column::Decimal { precision, scale } = column {
        builder = builder.with_precision(i32::from(*precision)).with_scale(i32::from(*scale));
    }
    if physical == Physical::FIXED_LEN_BYTE_ARRAY {
        builder = builder.with_length(DECIMAL_BYTES as i32);
    }
    Ok(Arc::new(builder.build()?))
}

fn counted(unit: Unit) -> TimeUnit {
    match unit {
        Unit::Ms => TimeUnit::MILLIS,
        Unit::Ns => TimeUnit::NANOS,
        Unit::S | Unit::Us => TimeUnit::MICROS,
    }
}
