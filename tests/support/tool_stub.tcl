# SPDX-License-Identifier: Apache-2.0
# What the stubs of Tcl tools share: commands that are recorded (environment: STUB_LOG) and refused when the tool would: unknown options,
# wrong numbers of arguments, steps in the wrong order. Sourced by a stub, which defines its commands and ends with stub_run.

set stub_done {}

proc stub_record {words} {
  set log [open $::env(STUB_LOG) a]
  puts $log [join [lmap word $words {string map {\n " "} $word}] " "]
  close $log
}
proc stub_refuse {text} {error "[file rootname [file tail $::argv0]]: $text"}
proc stub_need {command step} {if {$step ni $::stub_done} {stub_refuse "$command: $step first"}}

# options: name -> 1 with a value, 0 without. Returns {option values, other words}.
proc stub_parse {command options words} {
  array set known $options
  set values {}
  set rest {}
  for {set i 0} {$i < [llength $words]} {incr i} {
    set word [lindex $words $i]
    if {[string match -* $word] && ![string is double -strict $word]} {
      if {![info exists known($word)]} {stub_refuse "$command: unknown option $word"}
      if {$known($word)} {
        incr i
        if {$i >= [llength $words]} {stub_refuse "$command: option $word needs a value"}
        lappend values $word [lindex $words $i]
      } else {
        lappend values $word 1
      }
    } else {
      lappend rest $word
    }
  }
  return [list $values $rest]
}

# A command: its options, the number of other words, what must be done before it, what it counts as. The body sees the options as the
# array value, the other words as the list rest.
proc stub_command {name options count needs gives body} {
  proc $name args [string map [list %name $name %options $options %count $count %needs $needs %gives $gives %body $body] {
    stub_record [list %name {*}$args]
    lassign [stub_parse %name {%options} $args] parsed rest
    array set value $parsed
    if {[llength $rest] != %count} {stub_refuse "%name: [llength $rest] arguments, expected %count: $rest"}
    foreach step {%needs} {stub_need %name $step}
    lappend ::stub_done {*}{%gives}
    %body
  }]
}

rename exit stub_exit
proc exit {{code 0}} {
  stub_record [list exit $code]
  stub_exit $code
}

# Runs a script of the tool; exit 1 with a message on the first refusal.
proc stub_run {script} {
  if {![file isfile $script]} {
    puts stderr "$::argv0: $script: no such file"
    stub_exit 1
  }
  if {[catch {uplevel #0 [list source $script]} message]} {
    puts stderr $message
    stub_exit 1
  }
}
