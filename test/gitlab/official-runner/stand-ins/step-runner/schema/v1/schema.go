// Package schema stands in for the steps of `run:`, which neither runner is compared with.
package schema

// StepInputs of a step.
type StepInputs map[string]any

// Step of `run:`.
type Step struct {
	Name   *string    `json:"name,omitempty" yaml:"name,omitempty"`
	Step   any        `json:"step,omitempty" yaml:"step,omitempty"`
	Script *string    `json:"script,omitempty" yaml:"script,omitempty"`
	Inputs StepInputs `json:"inputs,omitempty" yaml:"inputs,omitempty"`
	Run    []Step     `json:"run,omitempty" yaml:"run,omitempty"`
}
