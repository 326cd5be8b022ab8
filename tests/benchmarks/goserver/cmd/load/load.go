package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// limits bound a load in count and in time.
type limits struct {
	connections int
	requests    int64
	duration    time.Duration
}

// report is what was seen; latencies and rate are those of right answers.
type report struct {
	Requests  int     `json:"requests"`
	Errors    int     `json:"errors"`
	Error     string  `json:"error,omitempty"` // the first that was seen
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
}

// load has every connection post again and again, one request at a time, until a limit is reached.
func load(connections []*connection, expected expectation, limits limits) report {
	var (
		left      atomic.Int64
		waiting   sync.WaitGroup
		latencies = make([][]time.Duration, len(connections))
		faults    = make([]error, len(connections))
	)
	left.Store(limits.requests)
	started := time.Now()
	end := started.Add(limits.duration)
	for i, open := range connections {
		waiting.Go(func() {
			defer open.Close()
			for left.Add(-1) >= 0 {
				before := time.Now()
				if !before.Before(end) {
					return
				}
				code, body, err := open.post()
				took := time.Since(before)
				if err == nil {
					err = expected.holds(code, body)
				}
				if err != nil {
					faults[i] = err
					return // one is enough to make the measurement worthless
				}
				latencies[i] = append(latencies[i], took)
			}
		})
	}
	waiting.Wait()
	return summary(slices.Concat(latencies...), faults, time.Since(started))
}

func summary(latencies []time.Duration, faults []error, took time.Duration) report {
	slices.Sort(latencies)
	seen := report{
		Requests:  len(latencies),
		Seconds:   took.Seconds(),
		PerSecond: float64(len(latencies)) / took.Seconds(),
		P50:       quantile(latencies, 50),
		P99:       quantile(latencies, 99),
	}
	for _, fault := range faults {
		if fault != nil {
			seen.Errors++
			if seen.Error == "" {
				seen.Error = fault.Error()
			}
		}
	}
	return seen
}

// quantile gives a percentile of sorted durations in microseconds; 0 if there are none.
func quantile(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := sorted[(len(sorted)-1)*percent/100]
	return float64(at.Nanoseconds()) / 1000
}
