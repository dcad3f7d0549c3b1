// Package proto stands in for the messages of GitLab's step runner.
package proto

import "google.golang.org/grpc"

// ValueType of an input.
type ValueType int

// ValueType_string is a text.
const ValueType_string ValueType = 1

// Spec of a step.
type Spec struct{ Spec *Spec_Content }

// Spec_Content of a step.
type Spec_Content struct{ Inputs map[string]*Spec_Content_Input }

// Spec_Content_Input of a step.
type Spec_Content_Input struct{ Type ValueType }

// RegisterStepRunnerServer does nothing.
func RegisterStepRunnerServer(*grpc.Server, any) {}
