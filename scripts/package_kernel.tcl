# SPDX-License-Identifier: Apache-2.0
# The accelerator's RTL as a Vitis kernel: packages hw/rtl with its interfaces, clock, register map and arguments as an IP, and the IP as
# squat_kernel.xo. Not run with a vendor tool: tests run it against a recording stub. Written from UG1118 and UG1393.
#
#   vivado -mode batch -source scripts/package_kernel.tcl -tclargs config=kv260 [part=xck26-sfvc784-2LV-c] [clock_mhz=300] [memory=ultra] [out=build/bitstreams/kv260]
#
# memory=block puts the activation memory into block RAM on parts without UltraRAM.
# Registers, arguments and the configuration's parameters come from hw/spec through hw/gen/squat_registers.tcl, sources from
# hw/rtl/squat_kernel.f, interfaces from the ports of squat_kernel.sv. Only arguments and the ap_ctrl registers are put into the register
# map: package_xo makes a kernel argument of every other register it finds there.

set root [file normalize [file join [file dirname [info script]] ..]]
source [file join $root hw gen squat_registers.tcl]

array set option {config kv260 part xck26-sfvc784-2LV-c clock_mhz "" memory ultra out ""}
foreach argument $::argv {
  if {![regexp {^(\w+)=(.*)$} $argument -> name value] || ![info exists option($name)]} {
    error "package_kernel.tcl: unknown argument $argument; known: [lsort [array names option]]"
  }
  set option($name) $value
}
if {![info exists squat_configs($option(config))]} {
  error "package_kernel.tcl: config=$option(config), expected one of: [lsort [array names squat_configs]]"
}
array set parameter $squat_configs($option(config))
if {$option(clock_mhz) eq ""} {set option(clock_mhz) $parameter(ClockMhz)}
if {![string is double -strict $option(clock_mhz)] || $option(clock_mhz) < 10 || $option(clock_mhz) > 1000} {
  error "package_kernel.tcl: clock_mhz=$option(clock_mhz), expected 10 to 1000"
}
if {![regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9A-Za-z-]+$} $option(part)]} {
  error "package_kernel.tcl: part=$option(part) is no part name such as xck26-sfvc784-2LV-c"
}
if {$option(memory) ni {ultra block}} {error "package_kernel.tcl: memory=$option(memory), expected ultra or block"}
if {$option(out) eq ""} {set option(out) [file join build bitstreams $option(config)]}
set out [file normalize $option(out)]
set kernel squat_kernel
file mkdir $out

proc write_text {path text} {
  set file [open $path w]
  puts -nonewline $file $text
  close $file
}
proc read_text {path} {
  set file [open $path]
  set text [read $file]
  close $file
  return $text
}

# ---- sources. The IP packager reads defaults of parameters as numbers, so the top module's come from the configuration as such.
set top_source [file join $root hw rtl $kernel.sv]
set top_text [read_text $top_source]
foreach {all name} [regexp -all -inline {parameter int unsigned (\w+) = squat_spec_pkg::CfgSim\w+} $top_text] {
  if {![info exists parameter($name)]} {error "package_kernel.tcl: $top_source: configuration $option(config) has no $name"}
  regsub "(parameter int unsigned $name = )squat_spec_pkg::CfgSim$name\\M" $top_text "\\1$parameter($name)" top_text
}
if {[regexp {parameter int unsigned (\w+) = [^0-9]} $top_text -> name]} {
  error "package_kernel.tcl: $top_source: the default of $name is no number and no configuration's"
}
set copies [file join $out rtl]
file mkdir $copies
set top_copy [file join $copies $kernel.sv]
write_text $top_copy $top_text

set sources {}
foreach line [split [read_text [file join $root hw rtl $kernel.f]] \n] {
  set line [string trim $line]
  if {$line eq "" || [string match "#*" $line] || [string match "//*" $line]} continue
  set path [file join $root hw $line]
  if {![file isfile $path]} {error "package_kernel.tcl: $path: no such file, named in hw/rtl/$kernel.f"}
  if {$path eq $top_source} {
    set path $top_copy
  } elseif {$option(memory) eq "block" && [regsub -all {ram_style = "ultra"} [read_text $path] {ram_style = "block"} text]} {
    set path [file join $copies [file tail $path]]
    write_text $path $text
  }
  lappend sources $path
}
if {$top_copy ni $sources} {error "package_kernel.tcl: hw/rtl/$kernel.f does not name rtl/$kernel.sv"}

# ---- interfaces: the memory ports that arguments name must be the ones the module has, and the other way round
set masters {}
foreach {all name} [regexp -all -inline {(m_axi_\w+)_araddr\M} $top_text] {lappend masters $name}
set masters [lsort -unique $masters]
set used {}
foreach register $squat_registers {
  lassign $register name offset bits access argument port doc
  if {$port ne ""} {lappend used $port}
}
if {[lsort -unique $used] ne $masters} {
  error "package_kernel.tcl: hw/spec/registers.json has the memory ports [lsort -unique $used], $top_source has $masters"
}
foreach port {ap_clk ap_rst_n interrupt s_axi_control_awaddr} {
  if {![regexp "\n *(input|output) +logic\[^\n\]* $port,?\n" $top_text]} {error "package_kernel.tcl: $top_source has no port $port"}
}

create_project -force package_kernel [file join $out vivado] -part $option(part)
add_files -norecurse $sources
set_property top $kernel [current_fileset]
update_compile_order -fileset sources_1

set ip [file join $out ip]
ipx::package_project -root_dir $ip -vendor squat -library kernel -taxonomy /KernelIP -import_files -set_current true
set core [ipx::current_core]
set_property name $kernel $core
set_property version 1.0 $core
set_property display_name "Squat accelerator" $core
set_property description "Squat accelerator, configuration $option(config), spec hash $squat_spec_hash" $core

ipx::infer_bus_interface ap_clk xilinx.com:signal:clock_rtl:1.0 $core
ipx::infer_bus_interface ap_rst_n xilinx.com:signal:reset_rtl:1.0 $core
ipx::associate_bus_interfaces -busif s_axi_control -clock ap_clk $core
foreach port $masters {ipx::associate_bus_interfaces -busif $port -clock ap_clk $core}
ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $core
set frequency [ipx::add_bus_parameter FREQ_HZ [ipx::get_bus_interfaces ap_clk -of_objects $core]]
set_property value [expr {round($option(clock_mhz) * 1e6)}] $frequency
set_property value_resolve_type user $frequency

# Bursts are INCR and as wide as the port: no wrapping, fixed or narrow bursts.
foreach port $masters {
  set interface [ipx::get_bus_interfaces $port -of_objects $core]
  foreach name {HAS_BURST SUPPORTS_NARROW_BURST} {
    set_property value 0 [ipx::add_bus_parameter $name $interface]
  }
}

# ---- register map and arguments
set map [ipx::add_memory_map s_axi_control $core]
set_property slave_memory_map_ref s_axi_control [ipx::get_bus_interfaces s_axi_control -of_objects $core]
set block [ipx::add_address_block reg0 $map]
array set control_name {ap_ctrl CTRL gie GIER ier IP_IER isr IP_ISR}
set arguments {}
foreach register $squat_registers {
  lassign $register name offset bits access argument port doc
  if {[info exists control_name($name)]} {
    set title $control_name($name)
  } elseif {$argument ne ""} {
    set title $argument
    lappend arguments [list $argument $offset $bits $port]
  } else {
    continue
  }
  set entry [ipx::add_register $title $block]
  set_property description $doc $entry
  set_property address_offset $offset $entry
  set_property size $bits $entry
  if {$port ne ""} {
    set_property value $port [ipx::add_register_parameter ASSOCIATED_BUSIF $entry]
  }
}

set_property sdx_kernel true $core
set_property sdx_kernel_type rtl $core
set_property vitis_drc {ctrl_protocol ap_ctrl_hs} $core
set_property supported_families {} $core
set_property auto_family_support_level level_2 $core
set_property core_revision 1 $core
ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity -kernel $core
ipx::save_core $core
close_project -delete

set xml [file join $out $kernel.xml]
package_xo -force -kernel_name $kernel -ctrl_protocol ap_ctrl_hs -ip_directory $ip -xo_path [file join $out $kernel.xo] -output_kernel_xml $xml

# ---- what the tool made of it: XRT counts arguments by id, and the host sets them by hw/spec's order
set text [read_text $xml]
set index 0
foreach argument $arguments {
  lassign $argument name offset bits port
  if {$port eq ""} {set port s_axi_control}
  if {![regexp "<arg\[^>\]*\\mname=\"$name\"\[^>\]*>" $text tag]} {error "package_kernel.tcl: $xml has no argument $name"}
  foreach {key expected} [list id $index port $port offset [expr {$offset}] size [expr {$bits / 8}]] {
    if {![regexp "\\m$key=\"(\[^\"\]*)\"" $tag -> found]} {error "package_kernel.tcl: $xml: argument $name has no $key"}
    set same [expr {$key eq "port" ? [string equal -nocase $found $expected] : ($found == $expected)}]
    if {!$same} {error "package_kernel.tcl: $xml: argument $name: $key is $found, hw/spec says $expected"}
  }
  incr index
}
if {[regexp -all {<arg\M} $text] != $index} {error "package_kernel.tcl: $xml has [regexp -all {<arg\M} $text] arguments, hw/spec $index"}
puts "package_kernel.tcl: [file join $out $kernel.xo], configuration $option(config), $index arguments"
exit
