// Package value stands in for the values of GitLab's expression language.
package value

import (
	"encoding/json"
	"errors"
	"iter"
)

// Kind is a value's type.
type Kind string

// The kinds of values.
const (
	NullKind   Kind = "null"
	StringKind Kind = "string"
	NumberKind Kind = "number"
	BoolKind   Kind = "boolean"
	ArrayKind  Kind = "array"
	ObjectKind Kind = "object"
)

// What goes wrong when a value is looked into.
var (
	ErrAttributeNotFound = errors.New("attribute not found")
	ErrInvalidKey        = errors.New("invalid key")
)

// Value is a value with marks.
type Value struct {
	kind  Kind
	text  string
	marks uint16
}

// Mapper is what a value of an object is made of.
type Mapper interface {
	All() iter.Seq2[Value, Value]
	Attr(string) (Value, error)
	Get(Value) (Value, error)
	Keys() iter.Seq[Value]
	Len() int
	Values() iter.Seq[Value]
	WithMarks(uint16) Mapper
}

// Null is no value.
func Null() Value { return Value{kind: NullKind} }

// String is a text.
func String(text string) Value { return Value{kind: StringKind, text: text} }

// Object is a mapping.
func Object(Mapper) Value { return Value{kind: ObjectKind} }

// Kind of the value.
func (v Value) Kind() Kind {
	if v.kind == "" {
		return NullKind
	}
	return v.kind
}

// String is the value as text.
func (v Value) String() string { return v.text }

// HasMarks tells whether the value has all these marks.
func (v Value) HasMarks(marks uint16) bool { return v.marks&marks == marks }

// WithMarks is the value with these marks too.
func (v Value) WithMarks(marks uint16) Value {
	v.marks |= marks
	return v
}

// UnmarshalJSON reads texts alone.
func (v *Value) UnmarshalJSON(data []byte) error {
	v.kind = StringKind
	return json.Unmarshal(data, &v.text)
}
