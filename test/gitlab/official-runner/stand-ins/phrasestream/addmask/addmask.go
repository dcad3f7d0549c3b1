// Package addmask stands in for the masking by the helper's `proxy-exec`, which the shell executor does not start.
package addmask

import "io"

// AddMask passes on what it gets.
type AddMask struct{ outputs []io.Writer }

// New makes one over these outputs.
func New(_ any, outputs ...io.Writer) (*AddMask, error) { return &AddMask{outputs: outputs}, nil }

// Get gives an output.
func (a *AddMask) Get(index int) io.Writer { return a.outputs[index] }

// Close does nothing.
func (*AddMask) Close() error { return nil }
