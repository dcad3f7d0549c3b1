// Package fields stands in for the names of fields in GitLab's logs.
package fields

// Names of fields.
const (
	HTTPStatusCode = "status"
	DurationS      = "duration_s"
)

// Deprecation tells a field's new name.
type Deprecation struct{ Standard string }

// Deprecated names none: fields keep their names.
var Deprecated = map[string]Deprecation{}

// VariantVersion names none.
var VariantVersion = map[string]int{}
